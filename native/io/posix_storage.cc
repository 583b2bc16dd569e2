#include "io/posix_storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

#include "base/align.h"
#include "io/directory_lock.h"
#include "io/posix_file.h"
#include "io/thread_queue.h"
#include "io/uring_queue.h"

namespace seawall {

namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr uint32_t kDefaultAlignment = 4096;
constexpr const char* kProbeName = "/probe.tmp";

// Debian 12's libc has no STATX_DIOALIGN; the kernel has had it since 6.1.
#ifndef STATX_DIOALIGN
#define STATX_DIOALIGN 0x2000U
#endif

class PosixStorage final : public Storage {
 public:
  PosixStorage(const IoAlignment& alignment, bool io_uring, bool io_uring_is_required,
               std::string reason)
      : alignment_(alignment),
        io_uring_(io_uring),
        io_uring_is_required_(io_uring_is_required),
        reason_(std::move(reason)) {}

  const IoAlignment& alignment() const override { return alignment_; }
  const char* backend_name() const override { return io_uring_ ? "io_uring" : "threads"; }
  const std::string& backend_reason() const override { return reason_; }

  Status CreateDirectory(const std::string& path) override {
    if (mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return Status::Ok();
    return Status::FromErrno(errno, "mkdir", path);
  }

  Status List(const std::string& directory, std::vector<std::string>* names) override {
    names->clear();
    DIR* stream = opendir(directory.c_str());
    if (stream == nullptr) return Status::FromErrno(errno, "opendir", directory);
    errno = 0;
    while (const dirent* entry = readdir(stream)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names->push_back(name);
      errno = 0;
    }
    const int sys_errno = errno;
    closedir(stream);
    return sys_errno == 0 ? Status::Ok() : Status::FromErrno(sys_errno, "readdir", directory);
  }

  Status Open(const std::string& path, OpenMode mode, std::unique_ptr<File>* file) override {
    return PosixFile::Open(path, mode, alignment_, file);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (rename(from.c_str(), to.c_str()) == 0) return Status::Ok();
    return Status::FromErrno(errno, "rename", from);
  }

  Status Remove(const std::string& path) override {
    if (unlink(path.c_str()) == 0) return Status::Ok();
    return Status::FromErrno(errno, "unlink", path);
  }

  Status SyncDirectory(const std::string& path) override;

  Status Lock(const std::string& path, LockMode mode,
              std::unique_ptr<DirectoryLock>* lock) override {
    return LockFile(path, mode, lock);
  }

  Status NewQueue(uint32_t capacity, std::unique_ptr<IoQueue>* queue) override {
    if (io_uring_) {
      // The probe said yes, but limits may be reached since (memory, descriptors).
      Status status = NewUringQueue(capacity, queue);
      if (status.ok() || io_uring_is_required_) return status;
    }
    *queue = std::make_unique<ThreadQueue>(capacity);
    return Status::Ok();
  }

  std::unique_ptr<PollableQueue> NewPollableQueue(uint32_t capacity) override {
    return io_uring_ ? NewPollableUringQueue(capacity) : nullptr;
  }

 private:
  const IoAlignment alignment_;
  const bool io_uring_;
  const bool io_uring_is_required_;
  const std::string reason_;
};

Status PosixStorage::SyncDirectory(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return Status::FromErrno(errno, "open", path);
  const int sys_errno = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return sys_errno == 0 ? Status::Ok() : Status::FromErrno(sys_errno, "fsync", path);
}

struct DirectIoAlignment {
  uint32_t memory_bytes = 0;
  uint32_t offset_bytes = 0;
};

// What statx says of an open file; zeros when the file system does not tell.
DirectIoAlignment ReportedAlignment(int descriptor) {
  struct statx info = {};
  if (syscall(SYS_statx, descriptor, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) != 0) return {};
  if ((info.stx_mask & STATX_DIOALIGN) == 0) return {};
  // The two fields by their place in the kernel's structure: older headers have them among the
  // spare ones.
  const auto* raw = reinterpret_cast<const uint8_t*>(&info);
  constexpr size_t kMemAlignOffset = 0x98;
  DirectIoAlignment alignment;
  __builtin_memcpy(&alignment.memory_bytes, raw + kMemAlignOffset, sizeof(uint32_t));
  __builtin_memcpy(&alignment.offset_bytes, raw + kMemAlignOffset + 4, sizeof(uint32_t));
  return alignment;
}

// The master record if there is one, otherwise a file without a name, which vanishes with its
// descriptor. Where the file system knows no such files, one under a name that nobody had. -1: none
// could be opened.
int OpenForProbe(const std::string& directory) {
  const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_DIRECT;
  int descriptor = open((directory + "/master").c_str(), O_RDONLY | flags);
  if (descriptor >= 0 || errno != ENOENT) return descriptor;
  descriptor = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_DIRECT, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) {
    return descriptor;
  }
  const std::string path = directory + kProbeName;
  descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | flags, 0600);
  const int sys_errno = errno;
  // A refusal of O_DIRECT comes after the file was made. EEXIST is somebody else's file.
  if (descriptor >= 0 || sys_errno == EINVAL) unlink(path.c_str());
  errno = sys_errno;
  return descriptor;
}

IoAlignment ProbeAlignment(const std::string& directory, DirectIo choice) {
  IoAlignment alignment;
  alignment.direct = false;
  if (choice == DirectIo::kNever) return alignment;
  const int descriptor = OpenForProbe(directory);
  const int sys_errno = errno;
  if (descriptor >= 0) {
    const DirectIoAlignment reported = ReportedAlignment(descriptor);
    close(descriptor);
    // Blocks are kDefaultAlignment, so a device that wants more is used through the page cache.
    alignment.direct =
        reported.offset_bytes <= kDefaultAlignment && reported.memory_bytes <= kDefaultAlignment;
    alignment.memory_bytes = kDefaultAlignment;
    alignment.offset_bytes = reported.offset_bytes != 0 ? reported.offset_bytes : kDefaultAlignment;
  } else {
    // EINVAL is how a file system refuses O_DIRECT; anything else is reported better by whoever
    // opens the file next.
    alignment.direct = sys_errno != EINVAL;
  }
  return alignment;
}

}  // namespace

Status EnsureDirectory(const std::string& path, bool create) {
  struct stat info;
  const bool exists = stat(path.c_str(), &info) == 0;
  if (exists && !S_ISDIR(info.st_mode)) {
    return Status::Error(Code::kNotALog, "not a directory").WithPath(path);
  }
  if (!exists && (errno != ENOENT || !create)) return Status::FromErrno(errno, "stat", path);
  if (!create) return Status::Ok();
  if (!exists && mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return Status::FromErrno(errno, "mkdir", path);
  }
  // Also when it was there: whoever made it may not have come to this, and without its name the log
  // is gone.
  const size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  const int descriptor = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    // A directory may be open to us and its parent not; then only its owner can have made it
    // durable.
    return exists && errno == EACCES ? Status::Ok() : Status::FromErrno(errno, "open", parent);
  }
  const int sys_errno = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return sys_errno == 0 ? Status::Ok() : Status::FromErrno(sys_errno, "fsync", parent);
}

Status NewPosixStorage(const std::string& directory, const PosixStorageOptions& options,
                       std::unique_ptr<Storage>* storage) {
  const IoAlignment alignment = ProbeAlignment(directory, options.direct_io);
  if (options.direct_io == DirectIo::kRequire && !alignment.direct) {
    return Status::Error(Code::kDirectIoUnavailable, "the file system refuses O_DIRECT")
        .WithPath(directory);
  }
  bool io_uring = false;
  std::string reason;
  if (options.backend != BackendChoice::kThreads) {
    Status probed = ProbeIoUring();
    if (!probed.ok() && options.backend == BackendChoice::kIoUring)
      return std::move(probed).WithPath(directory);
    io_uring = probed.ok();
    reason = probed.detail();
  } else {
    reason = "chosen by the caller";
  }
  *storage = std::make_unique<PosixStorage>(
      alignment, io_uring, options.backend == BackendChoice::kIoUring, std::move(reason));
  return Status::Ok();
}

}  // namespace seawall

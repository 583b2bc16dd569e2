#include "io/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/align.h"
#include "io/aligned_buffer.h"
#include "io/thread_signals.h"

namespace seawall {

namespace {

constexpr mode_t kFileMode = 0600;
constexpr uint64_t kZeroWriteBytes = uint64_t{1} << 20;

constexpr const char* kIrregular = "not a regular file";

int OpenFlags(OpenMode mode, bool direct) {
  // O_NONBLOCK until it is known to be a regular file: opening a pipe would wait for its other end.
  const int common = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (direct ? O_DIRECT : 0);
  switch (mode) {
    case OpenMode::kRead:
      return common | O_RDONLY;
    case OpenMode::kReadWrite:
      return common | O_RDWR;
    case OpenMode::kCreateNew:
      return common | O_RDWR | O_CREAT | O_EXCL;
  }
  SEAWALL_ASSERT(false && "unknown mode");
}

}  // namespace

Status OpenFailure(int sys_errno, const std::string& path, const char* irregular) {
  struct stat info;
  if (lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return Status::Error(Code::kNotALog, irregular).WithPath(path);
  return Status::FromErrno(sys_errno, "open", path);
}

TransferProgress::TransferProgress(uint64_t offset, const iovec* slices, int slice_count,
                                   uint32_t alignment)
    : count_(slice_count), offset_(offset), alignment_(alignment) {
  SEAWALL_ASSERT(slice_count > 0 && slice_count <= kIoSlicesMax);
  for (int i = 0; i < slice_count; i++) {
    slices_[i] = slices[i];
    remaining_ += slices[i].iov_len;
  }
}

Status TransferProgress::Take(int64_t result, const char* syscall, const std::string& path) {
  if (result < 0) {
    if (result == -EINTR) return Status::Ok();
    return Status::FromErrno(static_cast<int>(-result), syscall, path);
  }
  uint64_t moved = static_cast<uint64_t>(result);
  SEAWALL_ASSERT(moved <= remaining_);
  remaining_ -= moved;
  offset_ += moved;
  if (remaining_ == 0) return Status::Ok();
  if (moved == 0 || !IsAligned(offset_, alignment_)) {
    return Status::Error(Code::kIo, std::string(syscall) + " ended short: " +
                                        std::to_string(remaining_) + " bytes missing")
        .WithPath(path);
  }
  while (moved >= slices_[first_].iov_len) {
    moved -= slices_[first_].iov_len;
    first_ += 1;
  }
  slices_[first_].iov_base = static_cast<uint8_t*>(slices_[first_].iov_base) + moved;
  slices_[first_].iov_len -= moved;
  return Status::Ok();
}

Status PosixFile::Open(const std::string& path, OpenMode mode, const IoAlignment& alignment,
                       std::unique_ptr<File>* file) {
  int descriptor = -1;
  do {
    descriptor = open(path.c_str(), OpenFlags(mode, alignment.direct), kFileMode);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return OpenFailure(errno, path, kIrregular);
  struct stat info;
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(descriptor);
    return Status::Error(Code::kNotALog, kIrregular).WithPath(path);
  }
  // On a regular file the flag would only make io_uring give up early.
  const int flags = fcntl(descriptor, F_GETFL);
  SEAWALL_ASSERT(flags >= 0 && fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0);
  file->reset(new PosixFile(descriptor, path, alignment));
  return Status::Ok();
}

PosixFile::~PosixFile() { close(descriptor_); }

Status PosixFile::ReadAt(uint64_t offset, void* data, size_t bytes) {
  iovec slice = {data, bytes};
  TransferProgress progress(offset, &slice, 1, alignment_.offset_bytes);
  while (!progress.done()) {
    const ssize_t got = preadv(descriptor_, progress.slices(), progress.slice_count(),
                               static_cast<off_t>(progress.offset()));
    SEAWALL_RETURN_IF_ERROR(progress.Take(got < 0 ? -errno : got, "read", path_));
  }
  return Status::Ok();
}

Status PosixFile::WriteAt(uint64_t offset, const IoSlice* slices, int slice_count,
                          Durability durability) {
  const int flags = durability == Durability::kDurable ? RWF_DSYNC : 0;
  iovec vectors[kIoSlicesMax];
  SEAWALL_ASSERT(slice_count <= kIoSlicesMax);
  for (int i = 0; i < slice_count; i++) {
    vectors[i] = {const_cast<void*>(slices[i].data), slices[i].bytes};
  }
  TransferProgress progress(offset, vectors, slice_count, alignment_.offset_bytes);
  FileSizeSignalBlock signal_block;
  while (!progress.done()) {
    const ssize_t put = pwritev2(descriptor_, progress.slices(), progress.slice_count(),
                                 static_cast<off_t>(progress.offset()), flags);
    // A kernel or sandbox without the flag: the same in two steps.
    if (put < 0 && flags != 0 && (errno == EOPNOTSUPP || errno == ENOSYS)) {
      SEAWALL_RETURN_IF_ERROR(WriteAt(offset, slices, slice_count, Durability::kNone));
      return Sync();
    }
    SEAWALL_RETURN_IF_ERROR(progress.Take(put < 0 ? -errno : put, "write", path_));
  }
  return Status::Ok();
}

// Never repeated after an error, not even after EINTR: the kernel has marked the pages clean, and a
// second call would report a success that covers nothing.
Status PosixFile::Sync() {
  if (fdatasync(descriptor_) != 0) return Status::FromErrno(errno, "fdatasync", path_);
  return Status::Ok();
}

Status PosixFile::Allocate(uint64_t bytes) {
  FileSizeSignalBlock signal_block;
  int result = 0;
  do {
    result = fallocate(descriptor_, 0, 0, static_cast<off_t>(bytes));
  } while (result != 0 && errno == EINTR);
  if (result == 0) return Status::Ok();
  if (errno != EOPNOTSUPP && errno != ENOSYS) return Status::FromErrno(errno, "fallocate", path_);
  AlignedBuffer zeros(std::min(kZeroWriteBytes, AlignUp(bytes, alignment_.offset_bytes)),
                      alignment_.memory_bytes);
  for (uint64_t at = 0; at < bytes; at += zeros.bytes()) {
    SEAWALL_RETURN_IF_ERROR(WriteAt(at, zeros.data(), zeros.bytes(), Durability::kNone));
  }
  if (ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0)
    return Status::FromErrno(errno, "ftruncate", path_);
  return Status::Ok();
}

Status PosixFile::Size(uint64_t* bytes) {
  struct stat info;
  if (fstat(descriptor_, &info) != 0) return Status::FromErrno(errno, "fstat", path_);
  *bytes = static_cast<uint64_t>(info.st_size);
  return Status::Ok();
}

}  // namespace seawall

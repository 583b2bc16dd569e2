#include "io/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <ctime>
#include <map>
#include <mutex>

#include "io/posix_file.h"

namespace seawall {

namespace {

constexpr const char* kIrregular = "the lock file is not a regular file";
constexpr mode_t kFileMode = 0600;
constexpr int kTries = 15;
constexpr long kFirstPauseMs = 10;
constexpr long kPauseMaxMs = 100;

using FileIdentity = std::pair<dev_t, ino_t>;

// Handles of this process per lock file: the number of shared ones, or -1 for an exclusive one.
struct Registry {
  std::mutex mutex;
  std::map<FileIdentity, int> holders;  // guarded by mutex
};

// Never destroyed: locks may be released while the process exits.
Registry& ProcessRegistry() {
  static auto* registry = new Registry;
  return *registry;
}

bool Register(const FileIdentity& identity, LockMode mode) {
  Registry& registry = ProcessRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto found = registry.holders.find(identity);
  if (found == registry.holders.end()) {
    registry.holders[identity] = mode == LockMode::kExclusive ? -1 : 1;
    return true;
  }
  if (mode == LockMode::kExclusive || found->second < 0) return false;
  found->second += 1;
  return true;
}

void Unregister(const FileIdentity& identity) {
  Registry& registry = ProcessRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto found = registry.holders.find(identity);
  SEAWALL_ASSERT(found != registry.holders.end());
  if (found->second <= 1) {
    registry.holders.erase(found);
  } else {
    found->second -= 1;
  }
}

class HeldLock final : public DirectoryLock {
 public:
  HeldLock(int descriptor, const FileIdentity& identity)
      : descriptor_(descriptor), identity_(identity) {}
  ~HeldLock() override {
    close(descriptor_);
    Unregister(identity_);
  }

 private:
  const int descriptor_;
  const FileIdentity identity_;
};

// 0, or errno. Open-file-description locks belong to the descriptor: unlike POSIX locks they
// exclude other handles of the same process too, and closing an unrelated descriptor of the file
// does not drop them.
int TryLock(int descriptor, LockMode mode) {
  struct flock range = {};
  range.l_type = mode == LockMode::kExclusive ? F_WRLCK : F_RDLCK;
  range.l_whence = SEEK_SET;
  if (fcntl(descriptor, F_OFD_SETLK, &range) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  const int operation = mode == LockMode::kExclusive ? LOCK_EX : LOCK_SH;
  return flock(descriptor, operation | LOCK_NB) == 0 ? 0 : errno;
}

bool IsHeldByOther(int sys_errno) {
  return sys_errno == EAGAIN || sys_errno == EACCES || sys_errno == EWOULDBLOCK;
}

void Pause(long pause_ms) {
  const timespec pause = {pause_ms / 1000, (pause_ms % 1000) * 1000000};
  nanosleep(&pause, nullptr);
}

Status LockWithRetries(int descriptor, LockMode mode, const std::string& path) {
  long pause_ms = kFirstPauseMs;
  for (int attempt = 1;; attempt++) {
    const int sys_errno = TryLock(descriptor, mode);
    if (sys_errno == 0) return Status::Ok();
    if (sys_errno == EINTR) continue;
    if (!IsHeldByOther(sys_errno)) return Status::FromErrno(sys_errno, "fcntl", path);
    if (attempt >= kTries) {
      return Status::Error(Code::kLocked, "another process has this log open").WithPath(path);
    }
    Pause(pause_ms);
    pause_ms = pause_ms * 2 > kPauseMaxMs ? kPauseMaxMs : pause_ms * 2;
  }
}

}  // namespace

Status LockFile(const std::string& path, LockMode mode, std::unique_ptr<DirectoryLock>* lock) {
  const int flags =
      O_CLOEXEC | O_NOFOLLOW | (mode == LockMode::kExclusive ? O_RDWR | O_CREAT : O_RDONLY);
  const int descriptor = open(path.c_str(), flags, kFileMode);
  if (descriptor < 0) return OpenFailure(errno, path, kIrregular);
  struct stat info;
  Status status;
  bool registered = false;
  FileIdentity identity;
  if (fstat(descriptor, &info) != 0) {
    status = Status::FromErrno(errno, "fstat", path);
  } else if (!S_ISREG(info.st_mode)) {
    status = Status::Error(Code::kNotALog, kIrregular).WithPath(path);
  } else {
    identity = {info.st_dev, info.st_ino};
    registered = Register(identity, mode);
    status =
        registered
            ? LockWithRetries(descriptor, mode, path)
            : Status::Error(Code::kLocked, "this process has the log open already").WithPath(path);
  }
  if (!status.ok()) {
    close(descriptor);
    if (registered) Unregister(identity);
    return status;
  }
  *lock = std::make_unique<HeldLock>(descriptor, identity);
  return Status::Ok();
}

}  // namespace seawall

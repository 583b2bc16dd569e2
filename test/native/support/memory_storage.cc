#include "support/memory_storage.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>

namespace seawall::test {

namespace {

std::string DirectoryOf(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

class MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<MemoryDisk> disk, std::shared_ptr<Inode> inode,
             const std::string& path)
      : disk_(std::move(disk)), inode_(std::move(inode)), path_(path) {}

  Status ReadAt(uint64_t offset, void* data, size_t bytes) override {
    SEAWALL_RETURN_IF_ERROR(Before(Operation::kRead));
    std::lock_guard<std::mutex> lock(disk_->mutex);
    disk_->counters.reads += 1;
    return disk_->ReadInode(*inode_, offset, static_cast<uint8_t*>(data), bytes, path_);
  }

  using File::WriteAt;
  Status WriteAt(uint64_t offset, const IoSlice* slices, int slice_count,
                 Durability durability) override {
    std::vector<uint8_t> bytes;
    for (int i = 0; i < slice_count; i++) {
      const auto* data = static_cast<const uint8_t*>(slices[i].data);
      bytes.insert(bytes.end(), data, data + slices[i].bytes);
    }
    Status before = Before(Operation::kWrite);
    std::lock_guard<std::mutex> lock(disk_->mutex);
    if (!before.ok()) {
      if (disk_->failed_writes_land) {
        disk_->WriteInode(inode_.get(), offset, bytes.data(), bytes.size(), false);
      }
      return before;
    }
    disk_->counters.writes += 1;
    disk_->counters.write_bytes += bytes.size();
    const bool durable = durability == Durability::kDurable && !disk_->lying_sync;
    disk_->WriteInode(inode_.get(), offset, bytes.data(), bytes.size(), durable);
    return Status::Ok();
  }

  Status Sync() override {
    SEAWALL_RETURN_IF_ERROR(Before(Operation::kSync));
    std::lock_guard<std::mutex> lock(disk_->mutex);
    disk_->counters.syncs += 1;
    if (!disk_->lying_sync) disk_->SyncInode(inode_.get());
    return Status::Ok();
  }

  Status Allocate(uint64_t bytes) override {
    SEAWALL_RETURN_IF_ERROR(Before(Operation::kAllocate));
    std::lock_guard<std::mutex> lock(disk_->mutex);
    if (disk_->UsedBytes() - inode_->bytes + bytes > disk_->capacity_bytes) {
      return Status::FromErrno(ENOSPC, "fallocate", path_);
    }
    inode_->bytes = bytes;
    return Status::Ok();
  }

  Status Size(uint64_t* bytes) override {
    std::lock_guard<std::mutex> lock(disk_->mutex);
    *bytes = inode_->bytes;
    return Status::Ok();
  }

  int descriptor() const override { return -1; }
  const std::string& path() const override { return path_; }

 private:
  Status Before(Operation operation) {
    return disk_->before ? disk_->before(operation, path_) : Status::Ok();
  }

  const std::shared_ptr<MemoryDisk> disk_;
  const std::shared_ptr<Inode> inode_;
  const std::string path_;
};

// Operations take effect when Wait reaches them, in the order of submission or in reverse.
class MemoryQueue final : public IoQueue {
 public:
  MemoryQueue(std::shared_ptr<MemoryDisk> disk, uint32_t capacity)
      : disk_(std::move(disk)), capacity_(capacity) {}

  uint32_t capacity() const override { return capacity_; }

  void SubmitWrite(File* file, uint64_t offset, const IoSlice* slices, int slice_count,
                   Durability durability, uint64_t tag) override {
    std::vector<IoSlice> taken(slices, slices + slice_count);
    Push(tag, [file, offset, taken, durability] {
      return file->WriteAt(offset, taken.data(), static_cast<int>(taken.size()), durability);
    });
  }

  void SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) override {
    Push(tag, [file, offset, data, bytes] { return file->ReadAt(offset, data, bytes); });
  }

  void SubmitSync(File* file, uint64_t tag) override {
    Push(tag, [file] { return file->Sync(); });
  }

  size_t Wait(IoCompletion* completions, size_t max) override {
    size_t count = 0;
    while (count < max && !queued_.empty()) {
      auto next = disk_->reverse_completions ? std::prev(queued_.end()) : queued_.begin();
      completions[count++] = {next->first, next->second()};
      queued_.erase(next);
    }
    return count;
  }

 private:
  void Push(uint64_t tag, std::function<Status()> work) {
    SEAWALL_ASSERT(queued_.size() < capacity_);
    queued_.emplace_back(tag, std::move(work));
  }

  const std::shared_ptr<MemoryDisk> disk_;
  const uint32_t capacity_;
  std::deque<std::pair<uint64_t, std::function<Status()>>> queued_;
};

class MemoryLock final : public DirectoryLock {
 public:
  MemoryLock(std::shared_ptr<MemoryDisk> disk, const std::string& path)
      : disk_(std::move(disk)), path_(path) {}
  ~MemoryLock() override {
    std::lock_guard<std::mutex> lock(disk_->mutex);
    disk_->locks[path_] -= disk_->locks[path_] > 0 ? 1 : -1;
  }

 private:
  const std::shared_ptr<MemoryDisk> disk_;
  const std::string path_;
};

class MemoryStorage final : public Storage {
 public:
  explicit MemoryStorage(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {
    alignment_.offset_bytes = kSectorBytes;
  }

  const IoAlignment& alignment() const override { return alignment_; }
  const char* backend_name() const override { return "memory"; }
  const std::string& backend_reason() const override { return reason_; }

  Status CreateDirectory(const std::string& path) override {
    std::lock_guard<std::mutex> lock(disk_->mutex);
    disk_->directories[path] = true;
    return Status::Ok();
  }

  Status List(const std::string& directory, std::vector<std::string>* names) override {
    std::lock_guard<std::mutex> lock(disk_->mutex);
    names->clear();
    const std::string prefix = directory + "/";
    for (const auto& [path, inode] : disk_->names) {
      if (path.rfind(prefix, 0) == 0 && path.find('/', prefix.size()) == std::string::npos) {
        names->push_back(path.substr(prefix.size()));
      }
    }
    for (const auto& [path, there] : disk_->directories) {
      if (path.rfind(prefix, 0) == 0) names->push_back(path.substr(prefix.size()));
    }
    return Status::Ok();
  }

  Status Open(const std::string& path, OpenMode mode, std::unique_ptr<File>* file) override {
    SEAWALL_RETURN_IF_ERROR(Before(Operation::kOpen, path));
    std::lock_guard<std::mutex> lock(disk_->mutex);
    const auto found = disk_->names.find(path);
    if (mode == OpenMode::kCreateNew) {
      if (found != disk_->names.end()) return Status::FromErrno(EEXIST, "open", path);
      disk_->names[path] = std::make_shared<Inode>();
    } else if (found == disk_->names.end()) {
      return Status::FromErrno(ENOENT, "open", path);
    }
    *file = std::make_unique<MemoryFile>(disk_, disk_->names[path], path);
    return Status::Ok();
  }

  Status Rename(const std::string& from, const std::string& to) override {
    SEAWALL_RETURN_IF_ERROR(Before(Operation::kRename, from));
    std::lock_guard<std::mutex> lock(disk_->mutex);
    const auto found = disk_->names.find(from);
    if (found == disk_->names.end()) return Status::FromErrno(ENOENT, "rename", from);
    disk_->names[to] = found->second;
    disk_->names.erase(found);
    return Status::Ok();
  }

  Status Remove(const std::string& path) override {
    SEAWALL_RETURN_IF_ERROR(Before(Operation::kRemove, path));
    std::lock_guard<std::mutex> lock(disk_->mutex);
    return disk_->names.erase(path) == 1 ? Status::Ok() : Status::FromErrno(ENOENT, "unlink", path);
  }

  Status SyncDirectory(const std::string& path) override {
    SEAWALL_RETURN_IF_ERROR(Before(Operation::kSyncDirectory, path));
    std::lock_guard<std::mutex> lock(disk_->mutex);
    const auto is_in = [&](const std::string& name) { return DirectoryOf(name) == path; };
    std::erase_if(disk_->durable_names, [&](const auto& entry) { return is_in(entry.first); });
    for (const auto& [name, inode] : disk_->names) {
      if (is_in(name)) disk_->durable_names[name] = inode;
    }
    return Status::Ok();
  }

  Status Lock(const std::string& path, LockMode mode,
              std::unique_ptr<DirectoryLock>* lock) override {
    {
      std::lock_guard<std::mutex> guard(disk_->mutex);
      if (disk_->names.count(path) == 0)
        disk_->names[path] = disk_->durable_names[path] = std::make_shared<Inode>();
      int& holders = disk_->locks[path];
      const bool free = mode == LockMode::kExclusive ? holders == 0 : holders >= 0;
      if (!free) return Status::Error(Code::kLocked, "held").WithPath(path);
      holders = mode == LockMode::kExclusive ? -1 : holders + 1;
    }
    *lock = std::make_unique<MemoryLock>(disk_, path);
    return Status::Ok();
  }

  Status NewQueue(uint32_t capacity, std::unique_ptr<IoQueue>* queue) override {
    *queue = std::make_unique<MemoryQueue>(disk_, capacity);
    return Status::Ok();
  }

 private:
  Status Before(Operation operation, const std::string& path) {
    return disk_->before ? disk_->before(operation, path) : Status::Ok();
  }

  const std::shared_ptr<MemoryDisk> disk_;
  IoAlignment alignment_;
  const std::string reason_;
};

}  // namespace

std::unique_ptr<Storage> NewMemoryStorage(std::shared_ptr<MemoryDisk> disk) {
  return std::make_unique<MemoryStorage>(std::move(disk));
}

}  // namespace seawall::test

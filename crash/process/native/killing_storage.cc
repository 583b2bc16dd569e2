#include "killing_storage.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <functional>
#include <vector>

#include "kill_switch.h"

namespace seawall::crash {

namespace {

// Blocks and pages are multiples of this.
constexpr size_t kBlockBytes = 4096;

Operation WriteOf(Durability durability) {
  return durability == Durability::kDurable ? Operation::kDurableWrite : Operation::kWrite;
}

// What of a write is in the file when it was cut off in its middle, which is the middle of a block
// or page. Through the page cache: such a write is not aligned as direct I/O asks for.
void WriteFirstHalf(const std::string& path, uint64_t offset, const IoSlice* slices, int count) {
  size_t left = 0;
  for (int i = 0; i < count; i++) left += slices[i].bytes;
  left = left / 2 / kBlockBytes * kBlockBytes + kBlockBytes / 2;
  const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  SEAWALL_ASSERT(descriptor >= 0);
  for (int i = 0; i < count && left > 0; i++) {
    const size_t bytes = std::min(left, slices[i].bytes);
    const ssize_t written = pwrite(descriptor, slices[i].data, bytes, static_cast<off_t>(offset));
    SEAWALL_ASSERT(written == static_cast<ssize_t>(bytes));
    offset += bytes;
    left -= bytes;
  }
  close(descriptor);
}

// Before an operation is begun. Returns whether the process ends once it is complete.
bool Begin(
    Operation operation, const std::string& path, const std::function<void()>& do_half = [] {}) {
  switch (KillSwitch::Get()->OfNext(operation, path)) {
    case Moment::kNever:
      return false;
    case Moment::kMiddle:
      do_half();
      KillSwitch::Kill();
    case Moment::kBefore:
      KillSwitch::Kill();
    case Moment::kDuring:
      KillSwitch::Get()->KillSoon();
      return false;
    case Moment::kAfter:
      return true;
  }
  return false;
}

// An operation that failed has not happened, so there is nothing after it.
Status End(bool is_last, Status status) {
  if (is_last && status.ok()) KillSwitch::Kill();
  return status;
}

class KillingFile final : public File {
 public:
  KillingFile(std::unique_ptr<File> file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}

  File* inner() const { return file_.get(); }
  const std::string& name() const { return name_; }

  Status ReadAt(uint64_t offset, void* data, size_t bytes) override {
    const bool is_last = Begin(Operation::kRead, name_);
    return End(is_last, file_->ReadAt(offset, data, bytes));
  }

  using File::WriteAt;
  Status WriteAt(uint64_t offset, const IoSlice* slices, int slice_count,
                 Durability durability) override {
    const bool is_last = BeginWrite(offset, slices, slice_count, durability);
    return End(is_last, file_->WriteAt(offset, slices, slice_count, durability));
  }

  Status Sync() override {
    const bool is_last = Begin(Operation::kSync, name_);
    return End(is_last, file_->Sync());
  }

  Status Allocate(uint64_t bytes) override {
    const bool is_last = Begin(Operation::kAllocate, name_);
    return End(is_last, file_->Allocate(bytes));
  }

  Status Size(uint64_t* bytes) override { return file_->Size(bytes); }
  int descriptor() const override { return file_->descriptor(); }
  const std::string& path() const override { return file_->path(); }

  bool BeginWrite(uint64_t offset, const IoSlice* slices, int slice_count, Durability durability) {
    return Begin(WriteOf(durability), name_,
                 [&] { WriteFirstHalf(path(), offset, slices, slice_count); });
  }

 private:
  const std::unique_ptr<File> file_;
  const std::string name_;
};

class KillingQueue final : public IoQueue {
 public:
  explicit KillingQueue(std::unique_ptr<IoQueue> queue) : queue_(std::move(queue)) {
    tickets_.resize(queue_->capacity());
    for (size_t i = tickets_.size(); i > 0; i--) free_.push_back(i - 1);
  }

  uint32_t capacity() const override { return queue_->capacity(); }

  void SubmitWrite(File* file, uint64_t offset, const IoSlice* slices, int slice_count,
                   Durability durability, uint64_t tag) override {
    auto* killing = static_cast<KillingFile*>(file);
    const bool is_last = killing->BeginWrite(offset, slices, slice_count, durability);
    queue_->SubmitWrite(killing->inner(), offset, slices, slice_count, durability,
                        Take(tag, is_last));
  }

  void SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) override {
    auto* killing = static_cast<KillingFile*>(file);
    const bool is_last = Begin(Operation::kRead, killing->name());
    queue_->SubmitRead(killing->inner(), offset, data, bytes, Take(tag, is_last));
  }

  void SubmitSync(File* file, uint64_t tag) override {
    auto* killing = static_cast<KillingFile*>(file);
    const bool is_last = Begin(Operation::kSync, killing->name());
    queue_->SubmitSync(killing->inner(), Take(tag, is_last));
  }

  size_t Wait(IoCompletion* completions, size_t max) override {
    const size_t count = queue_->Wait(completions, max);
    for (size_t i = 0; i < count; i++) {
      const size_t place = completions[i].tag;
      completions[i].tag = tickets_[place].tag;
      free_.push_back(place);
      if (tickets_[place].is_last && completions[i].status.ok()) KillSwitch::Kill();
    }
    return count;
  }

 private:
  struct Ticket {
    uint64_t tag = 0;
    bool is_last = false;
  };

  uint64_t Take(uint64_t tag, bool is_last) {
    SEAWALL_ASSERT(!free_.empty());
    const size_t place = free_.back();
    free_.pop_back();
    tickets_[place] = {tag, is_last};
    return place;
  }

  const std::unique_ptr<IoQueue> queue_;
  std::vector<Ticket> tickets_;
  std::vector<size_t> free_;
};

class KillingStorage final : public Storage {
 public:
  KillingStorage(std::unique_ptr<Storage> storage, const std::string& directory)
      : storage_(std::move(storage)), directory_(directory) {}

  const IoAlignment& alignment() const override { return storage_->alignment(); }
  const char* backend_name() const override { return storage_->backend_name(); }
  const std::string& backend_reason() const override { return storage_->backend_reason(); }

  Status CreateDirectory(const std::string& path) override {
    const bool is_last = Begin(Operation::kCreate, NameOf(path));
    return End(is_last, storage_->CreateDirectory(path));
  }

  Status List(const std::string& directory, std::vector<std::string>* names) override {
    return storage_->List(directory, names);
  }

  Status Open(const std::string& path, OpenMode mode, std::unique_ptr<File>* file) override {
    const Operation operation =
        mode == OpenMode::kCreateNew ? Operation::kCreate : Operation::kOpen;
    const bool is_last = Begin(operation, NameOf(path));
    std::unique_ptr<File> opened;
    SEAWALL_RETURN_IF_ERROR(End(is_last, storage_->Open(path, mode, &opened)));
    *file = std::make_unique<KillingFile>(std::move(opened), NameOf(path));
    return Status::Ok();
  }

  Status Rename(const std::string& from, const std::string& to) override {
    const bool is_last = Begin(Operation::kRename, NameOf(to));
    return End(is_last, storage_->Rename(from, to));
  }

  Status Remove(const std::string& path) override {
    const bool is_last = Begin(Operation::kRemove, NameOf(path));
    return End(is_last, storage_->Remove(path));
  }

  Status SyncDirectory(const std::string& path) override {
    const bool is_last = Begin(Operation::kSyncDirectory, NameOf(path));
    return End(is_last, storage_->SyncDirectory(path));
  }

  Status Lock(const std::string& path, LockMode mode,
              std::unique_ptr<DirectoryLock>* lock) override {
    const bool is_last = Begin(Operation::kLock, NameOf(path));
    return End(is_last, storage_->Lock(path, mode, lock));
  }

  Status NewQueue(uint32_t capacity, std::unique_ptr<IoQueue>* queue) override {
    std::unique_ptr<IoQueue> opened;
    SEAWALL_RETURN_IF_ERROR(storage_->NewQueue(capacity, &opened));
    *queue = std::make_unique<KillingQueue>(std::move(opened));
    return Status::Ok();
  }

 private:
  // Below the directory of the log; "." is that directory.
  std::string NameOf(const std::string& path) const {
    if (path == directory_) return ".";
    const bool is_below = path.compare(0, directory_.size() + 1, directory_ + "/") == 0;
    return is_below ? path.substr(directory_.size() + 1) : path;
  }

  const std::unique_ptr<Storage> storage_;
  const std::string directory_;
};

}  // namespace

std::unique_ptr<Storage> NewKillingStorage(std::unique_ptr<Storage> storage,
                                           const std::string& directory) {
  return std::make_unique<KillingStorage>(std::move(storage), directory);
}

}  // namespace seawall::crash

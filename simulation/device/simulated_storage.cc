#include "device/simulated_storage.h"

#include "device/simulated_file.h"
#include "device/simulated_queue.h"

namespace seawall::simulation {

namespace {

class SimulatedLock final : public DirectoryLock {
 public:
  SimulatedLock(std::shared_ptr<SimulatedDisk> disk, std::string path)
      : disk_(std::move(disk)), path_(std::move(path)) {}
  ~SimulatedLock() override { disk_->Unlock(path_); }

 private:
  const std::shared_ptr<SimulatedDisk> disk_;
  const std::string path_;
};

class SimulatedStorage final : public Storage {
 public:
  explicit SimulatedStorage(std::shared_ptr<SimulatedDisk> disk) : disk_(std::move(disk)) {
    alignment_.offset_bytes = disk_->options().sector_bytes;
  }

  const IoAlignment& alignment() const override { return alignment_; }
  const char* backend_name() const override { return "simulated"; }
  const std::string& backend_reason() const override { return reason_; }

  Status CreateDirectory(const std::string& path) override {
    disk_->CreateDirectory(path);
    return Status::Ok();
  }
  Status List(const std::string& directory, std::vector<std::string>* names) override {
    disk_->List(directory, names);
    return Status::Ok();
  }
  Status Open(const std::string& path, OpenMode mode, std::unique_ptr<File>* file) override {
    FileId id = kNoFile;
    SEAWALL_RETURN_IF_ERROR(disk_->Open(path, mode, &id));
    *file = std::make_unique<SimulatedFile>(disk_, id, path);
    return Status::Ok();
  }
  Status Rename(const std::string& from, const std::string& to) override {
    return disk_->Rename(from, to);
  }
  Status Remove(const std::string& path) override { return disk_->Remove(path); }
  Status SyncDirectory(const std::string& path) override { return disk_->SyncDirectory(path); }
  Status Lock(const std::string& path, LockMode mode,
              std::unique_ptr<DirectoryLock>* lock) override {
    SEAWALL_RETURN_IF_ERROR(disk_->Lock(path, mode));
    *lock = std::make_unique<SimulatedLock>(disk_, path);
    return Status::Ok();
  }
  Status NewQueue(uint32_t capacity, std::unique_ptr<IoQueue>* queue) override {
    *queue = std::make_unique<SimulatedQueue>(disk_, capacity);
    return Status::Ok();
  }

 private:
  const std::shared_ptr<SimulatedDisk> disk_;
  IoAlignment alignment_;
  const std::string reason_;
};

}  // namespace

std::unique_ptr<Storage> NewSimulatedStorage(std::shared_ptr<SimulatedDisk> disk) {
  return std::make_unique<SimulatedStorage>(std::move(disk));
}

}  // namespace seawall::simulation

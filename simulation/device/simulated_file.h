// An open file of a SimulatedDisk.
#pragma once

#include <string>

#include "device/simulated_disk.h"

namespace seawall::simulation {

class SimulatedFile final : public File {
 public:
  SimulatedFile(std::shared_ptr<SimulatedDisk> disk, FileId id, std::string path)
      : disk_(std::move(disk)), id_(id), path_(std::move(path)) {}

  Status ReadAt(uint64_t offset, void* data, size_t bytes) override {
    return disk_->Read(id_, path_, offset, static_cast<uint8_t*>(data), bytes);
  }
  using File::WriteAt;
  Status WriteAt(uint64_t offset, const IoSlice* slices, int slice_count,
                 Durability durability) override {
    const auto write =
        std::make_shared<const DeviceWrite>(DeviceWrite::From(offset, slices, slice_count));
    const uint64_t in_flight = disk_->IssueWrite(id_, path_, write);
    return disk_->CompleteWrite(in_flight, id_, path_, write, durability);
  }
  Status Sync() override {
    const uint64_t covers = disk_->IssueSync(path_);
    return disk_->CompleteSync(id_, path_, covers);
  }
  Status Allocate(uint64_t bytes) override { return disk_->Allocate(id_, path_, bytes); }
  Status Size(uint64_t* bytes) override {
    *bytes = disk_->SizeOf(id_);
    return Status::Ok();
  }
  int descriptor() const override { return -1; }
  const std::string& path() const override { return path_; }
  FileId id() const { return id_; }

 private:
  const std::shared_ptr<SimulatedDisk> disk_;
  const FileId id_;
  const std::string path_;
};

}  // namespace seawall::simulation

// DiskImage: everything that a disk holds at one moment, on the medium, in its cache, and on its
// way there. A value: copies share what they have in common, so a copy at every event is cheap.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "device/file_image.h"
#include "device/name_table.h"

namespace seawall::simulation {

// A write that was handed to the device and has not completed.
struct WriteInFlight {
  uint64_t id;
  FileId file;
  std::shared_ptr<const DeviceWrite> write;
};

class DiskImage {
 public:
  DiskImage();

  const NameTable& names() const { return *names_; }
  NameTable* ChangeNames();
  const FileImage& file(FileId id) const { return *files_[id]; }
  FileImage* ChangeFile(FileId id);
  FileId NewFile();
  // Kept for `shows_recycled_blocks`.
  void RememberRemoved(FileId id) { removed_ = files_[id]; }

  // The number of what happens next. A sync that is issued now covers writes with smaller numbers.
  uint64_t NextSequence() { return ++sequence_; }
  void Issue(WriteInFlight write) { in_flight_.push_back(std::move(write)); }
  void EndFlight(uint64_t id);

  // Power goes. Blocks are undecided afterwards, names and sizes still volatile: Restart decides
  // about them. What is left depends on nothing but what may be on the medium.
  void CutPower(const DeviceOptions& options);
  // The power comes back: decides about names and sizes, forgets what has no name.
  void Restart(Choices* choices);
  // The process ends: what was in flight arrives; everything stays as volatile as it was.
  void KillProcess(const DeviceOptions& options);

  // Decides about every block at once.
  void DecideEverything(const DeviceOptions& options, Choices* choices);
  // No outcome of a power cut changes these bytes.
  bool IsStable(FileId file, uint64_t offset, uint64_t bytes) const;
  uint32_t undecided_blocks() const;
  // How many disks Restart and the reading of everything could make of this one. After CutPower.
  double OutcomeCount(const DeviceOptions& options) const;
  uint64_t Hash() const;

 private:
  void ForgetUnnamedFiles();

  std::shared_ptr<NameTable> names_;
  std::vector<std::shared_ptr<FileImage>> files_;
  std::vector<WriteInFlight> in_flight_;
  std::shared_ptr<FileImage> removed_;
  uint64_t sequence_ = 0;
};

}  // namespace seawall::simulation

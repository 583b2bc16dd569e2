// One file on a simulated disk, with the few words that tests of the device are written in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/assert.h"
#include "device/simulated_storage.h"
#include "io/aligned_buffer.h"

namespace seawall::test {

inline constexpr const char* kBenchPath = "/d/file";

class DeviceBench {
 public:
  // A file of `blocks` blocks of zeros, durable under its name.
  explicit DeviceBench(const simulation::DeviceOptions& options = {}, uint64_t blocks = 4)
      : DeviceBench(std::make_shared<simulation::SimulatedDisk>(options)) {
    Require(storage->CreateDirectory("/d"));
    Require(storage->Open(kBenchPath, OpenMode::kCreateNew, &file));
    Require(file->Allocate(blocks * simulation::kBlockBytes));
    Require(file->Sync());
    Require(storage->SyncDirectory("/d"));
  }
  // What is there already.
  explicit DeviceBench(std::shared_ptr<simulation::SimulatedDisk> existing)
      : disk(std::move(existing)), storage(simulation::NewSimulatedStorage(disk)) {
    if (disk->Exists(kBenchPath)) Require(storage->Open(kBenchPath, OpenMode::kReadWrite, &file));
  }

  // `sectors` sectors full of `letter` from sector `at`.
  Status Write(char letter, uint64_t at, uint64_t sectors = 8,
               Durability durability = Durability::kNone) {
    const std::string bytes(sectors * simulation::kSectorBytes, letter);
    return file->WriteAt(at * simulation::kSectorBytes, bytes.data(), bytes.size(), durability);
  }
  // One letter for each sector: what it is full of, '.' for zeros, '?' for a mixture, '!' for an
  // error.
  std::string Read(uint64_t at = 0, uint64_t sectors = 8) {
    std::string letters;
    for (uint64_t i = at; i < at + sectors; i++) {
      char bytes[simulation::kSectorBytes];
      const Status status = file->ReadAt(i * sizeof(bytes), bytes, sizeof(bytes));
      letters += status.ok() ? LetterOf(bytes) : '!';
    }
    return letters;
  }
  static void Require(const Status& status) { SEAWALL_ASSERT(status.ok()); }

  std::shared_ptr<simulation::SimulatedDisk> disk;
  std::unique_ptr<Storage> storage;
  std::unique_ptr<File> file;

 private:
  static char LetterOf(const char* bytes) {
    for (size_t i = 1; i < simulation::kSectorBytes; i++)
      if (bytes[i] != bytes[0]) return '?';
    return bytes[0] == 0 ? '.' : bytes[0];
  }
};

// What a lazily decided power cut of `disk` shows at the first sectors, in every outcome, in the
// order of the odometer.
inline std::vector<std::string> OutcomesOf(const simulation::SimulatedDisk& disk, uint64_t at = 0,
                                           uint64_t sectors = 8) {
  std::vector<std::string> outcomes;
  auto odometer = std::make_shared<simulation::Odometer>();
  do {
    DeviceBench after(disk.CutPower(odometer));
    outcomes.push_back(after.file == nullptr ? "no file" : after.Read(at, sectors));
  } while (odometer->Next());
  return outcomes;
}

inline std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : " ") + text;
  return joined;
}

}  // namespace seawall::test

// What tests do to a SimulatedDisk from outside: take it apart, cut its power, damage it.
#include <algorithm>
#include <cstring>

#include "device/simulated_disk.h"

namespace seawall::simulation {

DiskImage SimulatedDisk::Snapshot() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return image_;
}

std::shared_ptr<SimulatedDisk> SimulatedDisk::CutPower(std::shared_ptr<Choices> choices) const {
  DiskImage image = Snapshot();
  image.CutPower(options_);
  auto disk = Restarted(std::move(image), options_, std::move(choices));
  disk->capacity_bytes = capacity_bytes;
  return disk;
}

std::shared_ptr<SimulatedDisk> SimulatedDisk::PowerCut(Survival survival, uint64_t seed) const {
  std::shared_ptr<Choices> choices = std::make_shared<ListedChoices>(std::vector<uint32_t>());
  if (survival == Survival::kEverything) choices = std::make_shared<LastChoices>();
  if (survival == Survival::kRandom) choices = std::make_shared<RandomChoices>(seed);
  std::shared_ptr<SimulatedDisk> disk = CutPower(choices);
  DeviceOptions deciding = options_;
  deciding.outcomes = survival == Survival::kRandom ? Outcomes::kSectors : Outcomes::kWhole;
  disk->image_.DecideEverything(deciding, choices.get());
  return disk;
}

std::shared_ptr<SimulatedDisk> SimulatedDisk::KillProcess() const {
  auto disk = std::make_shared<SimulatedDisk>(options_);
  std::lock_guard<std::mutex> lock(mutex_);
  disk->image_ = image_;
  disk->image_.KillProcess(options_);
  disk->choices_ = choices_;
  disk->lying_sync = lying_sync;
  disk->capacity_bytes = capacity_bytes;
  return disk;
}

// REQUIRES: the mutex is held.
FileId SimulatedDisk::FileAt(const std::string& path) const {
  const FileId file = image_.names().Find(path);
  SEAWALL_ASSERT(file != kNoFile && file != kIsDirectory);
  return file;
}

bool SimulatedDisk::Exists(const std::string& path) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return image_.names().Find(path) != kNoFile;
}

std::vector<std::string> SimulatedDisk::Paths() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, file] : image_.names().visible())
    if (file != kIsDirectory) paths.push_back(path);
  return paths;
}

std::vector<uint8_t> SimulatedDisk::Bytes(const std::string& path) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const FileImage& file = image_.file(FileAt(path));
  std::vector<uint8_t> bytes(file.bytes());
  file.CopyNewest(0, bytes.data(), bytes.size());
  return bytes;
}

// REQUIRES: the mutex is held.
void SimulatedDisk::ReplaceBytes(const std::string& path, uint64_t offset, const uint8_t* data,
                                 size_t bytes, SectorSet unreadable) {
  FileImage* const file = image_.ChangeFile(FileAt(path));
  for (size_t done = 0; done < bytes;) {
    const uint64_t number = (offset + done) / kBlockBytes;
    const size_t begin = (offset + done) % kBlockBytes;
    const size_t piece = std::min(bytes - done, kBlockBytes - begin);
    uint8_t block[kBlockBytes];
    const BlockPointer& old = file->NewestBlock(number);
    std::memcpy(block, BytesOf(old), kBlockBytes);
    std::memcpy(block + begin, data + done, piece);
    file->Replace(number, NewBlock(block, static_cast<SectorSet>(UnreadableOf(old) | unreadable)));
    done += piece;
  }
}

void SimulatedDisk::Overwrite(const std::string& path, uint64_t offset,
                              const std::vector<uint8_t>& bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  ReplaceBytes(path, offset, bytes.data(), bytes.size(), 0);
}

void SimulatedDisk::FlipBit(const std::string& path, uint64_t offset, int bit) {
  std::lock_guard<std::mutex> lock(mutex_);
  uint8_t byte = 0;
  image_.file(FileAt(path)).CopyNewest(offset, &byte, 1);
  byte = static_cast<uint8_t>(byte ^ (1 << bit));
  ReplaceBytes(path, offset, &byte, 1, 0);
}

void SimulatedDisk::MakeUnreadable(const std::string& path, uint64_t offset) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t sector = offset / options_.sector_bytes * options_.sector_bytes;
  const uint64_t first = sector % kBlockBytes / kSectorBytes;
  const SectorSet sectors =
      static_cast<SectorSet>(((1u << options_.sector_bytes / kSectorBytes) - 1) << first);
  uint8_t byte = 0;
  image_.file(FileAt(path)).CopyNewest(sector, &byte, 1);
  ReplaceBytes(path, sector, &byte, 1, sectors);
}

void SimulatedDisk::MakeReadable(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  FileImage* const file = image_.ChangeFile(FileAt(path));
  for (uint64_t block = 0; block * kBlockBytes < file->bytes(); block++) {
    const BlockPointer old = file->NewestBlock(block);
    if (UnreadableOf(old) != 0) file->Replace(block, NewBlock(BytesOf(old)));
  }
}

void SimulatedDisk::AddFile(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  const FileId file = image_.NewFile();
  image_.ChangeNames()->Put(path, file);
  image_.ChangeFile(file)->Resize(bytes.size());
  ReplaceBytes(path, 0, bytes.data(), bytes.size(), 0);
  image_.ChangeFile(file)->Sync(image_.NextSequence());
}

void SimulatedDisk::RemoveFile(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  image_.ChangeNames()->Erase(path);
}

void SimulatedDisk::CopyFile(const std::string& from, const std::string& to) {
  std::lock_guard<std::mutex> lock(mutex_);
  const FileId source = FileAt(from);
  const FileId copy = image_.NewFile();
  *image_.ChangeFile(copy) = image_.file(source);
  image_.ChangeNames()->Put(to, copy);
}

bool SimulatedDisk::IsReadable(const std::string& path, uint64_t offset, uint64_t bytes) const {
  std::vector<uint8_t> ignored(bytes);
  std::lock_guard<std::mutex> lock(mutex_);
  return image_.file(FileAt(path)).Read(offset, ignored.data(), bytes, path).ok();
}

bool SimulatedDisk::IsStable(const std::string& path, uint64_t offset, uint64_t bytes) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const FileId file = image_.names().Find(path);
  if (file == kNoFile || !image_.names().IsDurable(path)) return false;
  return image_.IsStable(file, offset, bytes);
}

uint32_t SimulatedDisk::undecided_blocks() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return image_.undecided_blocks();
}

}  // namespace seawall::simulation

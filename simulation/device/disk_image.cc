#include "device/disk_image.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace seawall::simulation {

namespace {

// Ours to change: a copy when someone else has it too.
template <typename T>
T* Own(std::shared_ptr<T>* shared) {
  if (shared->use_count() > 1) *shared = std::make_shared<T>(**shared);
  return shared->get();
}

// Whether [offset, offset + bytes) would change if `write` landed on `file`.
bool WouldChange(const DeviceWrite& write, const FileImage& file, uint64_t offset, uint64_t bytes) {
  for (size_t i = 0; i < write.blocks.size(); i++) {
    const uint64_t number = write.first_block + i;
    const uint64_t start = number * kBlockBytes;
    const uint64_t begin = std::max(offset, start);
    const uint64_t end = std::min(offset + bytes, start + kBlockBytes);
    if (begin >= end) continue;
    const BlockPointer& now = file.NewestBlock(number);
    const BlockPointer landed = Overlay(now, write.blocks[i].data, write.blocks[i].sectors);
    if (std::memcmp(BytesOf(now) + (begin - start), BytesOf(landed) + (begin - start),
                    end - begin) != 0)
      return true;
  }
  return false;
}

}  // namespace

DiskImage::DiskImage() : names_(std::make_shared<NameTable>()) {}

NameTable* DiskImage::ChangeNames() { return Own(&names_); }

FileImage* DiskImage::ChangeFile(FileId id) { return Own(&files_[id]); }

FileId DiskImage::NewFile() {
  files_.push_back(std::make_shared<FileImage>());
  return static_cast<FileId>(files_.size() - 1);
}

void DiskImage::EndFlight(uint64_t id) {
  std::erase_if(in_flight_, [id](const WriteInFlight& write) { return write.id == id; });
}

void DiskImage::CutPower(const DeviceOptions& options) {
  KillProcess(options);
  for (size_t id = 0; id < files_.size(); id++) {
    if (!files_[id]->has_versions()) continue;
    FileImage* const file = ChangeFile(static_cast<FileId>(id));
    if (options.shows_recycled_blocks && removed_ != nullptr && file->has_volatile_bytes())
      file->ShowRecycledBlocks(*removed_);
    file->CutPower();
  }
  removed_ = nullptr;
}

void DiskImage::KillProcess(const DeviceOptions& options) {
  // A partial write to an undecided block would have to choose; the device sees whole blocks then.
  ListedChoices oldest({});
  for (const WriteInFlight& flying : in_flight_)
    ChangeFile(flying.file)
        ->Write(*flying.write, Durability::kNone, NextSequence(), options, &oldest);
  in_flight_.clear();
}

void DiskImage::Restart(Choices* choices) {
  if (names_->has_volatile_changes()) ChangeNames()->CutPower(choices);
  ForgetUnnamedFiles();
  for (size_t id = 0; id < files_.size(); id++)
    if (files_[id]->has_volatile_bytes()) ChangeFile(static_cast<FileId>(id))->DecideSize(choices);
}

// And numbers the others in the order of their names, so that equal disks are equal.
void DiskImage::ForgetUnnamedFiles() {
  std::vector<FileId> ids(files_.size(), kNoFile);
  std::vector<std::shared_ptr<FileImage>> named;
  bool changed = false;
  for (const auto& [path, file] : names_->visible()) {
    if (file >= files_.size() || ids[file] != kNoFile) continue;
    ids[file] = static_cast<FileId>(named.size());
    changed = changed || ids[file] != file;
    named.push_back(files_[file]);
  }
  if (!changed && named.size() == files_.size()) return;
  files_ = std::move(named);
  ChangeNames()->Renumber(ids);
}

void DiskImage::DecideEverything(const DeviceOptions& options, Choices* choices) {
  for (size_t id = 0; id < files_.size(); id++) {
    if (files_[id]->undecided_blocks() == 0) continue;
    FileImage* const file = ChangeFile(static_cast<FileId>(id));
    file->Decide(0, file->bytes(), options, choices);
  }
}

bool DiskImage::IsStable(FileId file, uint64_t offset, uint64_t bytes) const {
  if (!files_[file]->IsStable(offset, bytes)) return false;
  for (const WriteInFlight& flying : in_flight_) {
    if (flying.file == file && WouldChange(*flying.write, *files_[file], offset, bytes))
      return false;
  }
  return true;
}

uint32_t DiskImage::undecided_blocks() const {
  uint32_t count = 0;
  for (const auto& file : files_) count += file->undecided_blocks();
  return count;
}

double DiskImage::OutcomeCount(const DeviceOptions& options) const {
  double count = names_->OutcomeCount();
  for (const auto& file : files_) count *= file->OutcomeCount(options);
  return count;
}

uint64_t DiskImage::Hash() const {
  std::vector<uint64_t> hashes;
  hashes.reserve(files_.size());
  for (const auto& file : files_) hashes.push_back(file->Hash());
  uint64_t hash = names_->Hash(hashes);
  for (const WriteInFlight& flying : in_flight_) {
    hash = Mix(Mix(hash, hashes[flying.file]), flying.write->offset);
    for (const BlockWrite& part : flying.write->blocks)
      hash = Mix(Mix(hash, HashOf(part.data)), part.sectors);
  }
  if (removed_ != nullptr) hash = Mix(hash, removed_->Hash());
  return hash;
}

}  // namespace seawall::simulation

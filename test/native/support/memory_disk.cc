#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "support/memory_storage.h"

namespace seawall::test {

namespace {

Sector NewestOf(const Inode& inode, uint64_t number) {
  const auto pending = inode.pending.find(number);
  if (pending != inode.pending.end()) return pending->second.back();
  const auto durable = inode.durable.find(number);
  return durable != inode.durable.end() ? durable->second : Sector(kSectorBytes, 0);
}

std::shared_ptr<Inode> VisibleCopy(const Inode& inode) { return std::make_shared<Inode>(inode); }

std::shared_ptr<Inode> SurvivingCopy(const Inode& inode, Survival survival,
                                     std::mt19937_64* random) {
  auto copy = std::make_shared<Inode>();
  copy->durable = inode.durable;
  copy->unreadable = inode.unreadable;
  copy->bytes = copy->durable_bytes = inode.durable_bytes;
  if (survival == Survival::kEverything) copy->bytes = copy->durable_bytes = inode.bytes;
  if (survival == Survival::kRandom && (*random)() % 2 == 0)
    copy->bytes = copy->durable_bytes = inode.bytes;
  for (const auto& [number, versions] : inode.pending) {
    if (survival == Survival::kEverything) copy->durable[number] = versions.back();
    if (survival != Survival::kRandom) continue;
    const size_t choice = (*random)() % (versions.size() + 1);
    if (choice > 0) copy->durable[number] = versions[choice - 1];
  }
  return copy;
}

}  // namespace

// REQUIRES: the mutex is held. In the order of the names, so that a seed gives the same every time.
std::vector<std::pair<std::shared_ptr<Inode>, MemoryDisk::Names>> MemoryDisk::ChangedNames() const {
  std::vector<std::pair<std::shared_ptr<Inode>, Names>> all;
  const auto names_of = [&](const std::shared_ptr<Inode>& inode) -> Names& {
    for (auto& [known, known_names] : all)
      if (known == inode) return known_names;
    all.emplace_back(inode, Names());
    return all.back().second;
  };
  for (const auto& [path, inode] : durable_names) names_of(inode).before.push_back(path);
  for (const auto& [path, inode] : names) names_of(inode).after.push_back(path);
  std::erase_if(all, [&](const auto& entry) {
    const Names& changed = entry.second;
    if (changed.before == changed.after) return true;
    // A file whose name was taken over loses it when the other one gets it, not by itself.
    return changed.after.empty() && names.count(changed.before.front()) != 0;
  });
  return all;
}

std::shared_ptr<MemoryDisk> MemoryDisk::PowerCut(Survival survival, uint64_t seed) const {
  std::lock_guard<std::mutex> lock(mutex);
  auto disk = std::make_shared<MemoryDisk>(seed);
  std::mt19937_64 random(seed);
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  const auto copy_of = [&](const std::shared_ptr<Inode>& inode) {
    std::shared_ptr<Inode>& copy = copies[inode.get()];
    if (copy == nullptr) copy = SurvivingCopy(*inode, survival, &random);
    return copy;
  };
  // What was done to the names of a file since its directory was synced has happened or not; a
  // rename is never half done.
  std::map<std::string, std::shared_ptr<Inode>> left = durable_names;
  for (const auto& [inode, changed] : ChangedNames()) {
    const bool take_new =
        survival == Survival::kEverything || (survival == Survival::kRandom && random() % 2 == 0);
    if (!take_new) continue;
    for (const std::string& name : changed.before) {
      if (left[name] == inode) left.erase(name);
    }
    for (const std::string& name : changed.after) left[name] = inode;
  }
  for (const auto& [path, inode] : left) disk->names[path] = copy_of(inode);
  disk->durable_names = disk->names;
  disk->directories = directories;
  disk->capacity_bytes = capacity_bytes;
  return disk;
}

std::shared_ptr<MemoryDisk> MemoryDisk::ProcessKill(uint64_t seed) const {
  std::lock_guard<std::mutex> lock(mutex);
  auto disk = std::make_shared<MemoryDisk>(seed);
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  const auto copy_of = [&](const std::shared_ptr<Inode>& inode) {
    std::shared_ptr<Inode>& copy = copies[inode.get()];
    if (copy == nullptr) copy = VisibleCopy(*inode);
    return copy;
  };
  for (const auto& [path, inode] : names) disk->names[path] = copy_of(inode);
  for (const auto& [path, inode] : durable_names) disk->durable_names[path] = copy_of(inode);
  disk->directories = directories;
  disk->lying_sync = lying_sync;
  disk->capacity_bytes = capacity_bytes;
  return disk;
}

bool MemoryDisk::Exists(const std::string& path) const {
  std::lock_guard<std::mutex> lock(mutex);
  return names.count(path) != 0;
}

std::vector<std::string> MemoryDisk::Paths() const {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names) paths.push_back(path);
  return paths;
}

std::vector<uint8_t> MemoryDisk::Bytes(const std::string& path) const {
  std::lock_guard<std::mutex> lock(mutex);
  const Inode& inode = *names.at(path);
  std::vector<uint8_t> bytes;
  for (uint64_t number = 0; number * kSectorBytes < inode.bytes; number++) {
    const Sector sector = NewestOf(inode, number);
    bytes.insert(bytes.end(), sector.begin(), sector.end());
  }
  bytes.resize(inode.bytes);
  return bytes;
}

void MemoryDisk::Overwrite(const std::string& path, uint64_t offset,
                           const std::vector<uint8_t>& bytes) {
  std::lock_guard<std::mutex> lock(mutex);
  Inode* inode = names.at(path).get();
  for (size_t i = 0; i < bytes.size(); i++) {
    const uint64_t number = (offset + i) / kSectorBytes;
    Sector sector = NewestOf(*inode, number);
    sector[(offset + i) % kSectorBytes] = bytes[i];
    inode->durable[number] = sector;
    inode->pending.erase(number);
  }
}

void MemoryDisk::FlipBit(const std::string& path, uint64_t offset, int bit) {
  const uint8_t byte = Bytes(path).at(offset);
  Overwrite(path, offset, {static_cast<uint8_t>(byte ^ (1 << bit))});
}

void MemoryDisk::MakeUnreadable(const std::string& path, uint64_t offset) {
  std::lock_guard<std::mutex> lock(mutex);
  names.at(path)->unreadable[offset / kSectorBytes] = true;
}

void MemoryDisk::RemoveFile(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex);
  names.erase(path);
  durable_names.erase(path);
}

void MemoryDisk::CopyFile(const std::string& from, const std::string& to) {
  std::lock_guard<std::mutex> lock(mutex);
  names[to] = durable_names[to] = VisibleCopy(*names.at(from));
}

Status MemoryDisk::ReadInode(const Inode& inode, uint64_t offset, uint8_t* data, size_t bytes,
                             const std::string& path) {
  if (offset + bytes > inode.bytes)
    return Status::Error(Code::kIo, "read beyond the end").WithPath(path);
  for (size_t done = 0; done < bytes; done += kSectorBytes) {
    const uint64_t number = (offset + done) / kSectorBytes;
    if (inode.unreadable.count(number) != 0) return Status::FromErrno(ENODATA, "read", path);
    const Sector sector = NewestOf(inode, number);
    std::memcpy(data + done, sector.data(), std::min(kSectorBytes, bytes - done));
  }
  return Status::Ok();
}

void MemoryDisk::WriteInode(Inode* inode, uint64_t offset, const uint8_t* data, size_t bytes,
                            bool durable) {
  SEAWALL_ASSERT(offset % kSectorBytes == 0 && bytes % kSectorBytes == 0);
  for (size_t done = 0; done < bytes; done += kSectorBytes) {
    const uint64_t number = (offset + done) / kSectorBytes;
    Sector sector(data + done, data + done + kSectorBytes);
    inode->unreadable.erase(number);
    // Zeros over nothing change nothing; segments are mostly that.
    const bool untouched = inode->durable.count(number) == 0 && inode->pending.count(number) == 0;
    if (untouched && AllZero(sector.data(), kSectorBytes)) continue;
    if (durable) {
      inode->durable[number] = std::move(sector);
      inode->pending.erase(number);
    } else {
      inode->pending[number].push_back(std::move(sector));
    }
  }
  inode->bytes = std::max(inode->bytes, offset + bytes);
}

void MemoryDisk::SyncInode(Inode* inode) {
  for (auto& [number, versions] : inode->pending) inode->durable[number] = versions.back();
  inode->pending.clear();
  inode->durable_bytes = inode->bytes;
}

uint64_t MemoryDisk::UsedBytes() const {
  uint64_t used = 0;
  for (const auto& [path, inode] : names) used += inode->bytes;
  return used;
}

}  // namespace seawall::test

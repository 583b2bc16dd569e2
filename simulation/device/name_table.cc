#include "device/name_table.h"

#include "base/assert.h"
#include "device/block.h"

namespace seawall::simulation {

std::string DirectoryOf(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

FileId NameTable::Find(const std::string& path) const {
  const auto found = visible_.find(path);
  return found == visible_.end() ? kNoFile : found->second;
}

void NameTable::Apply(const Change& change, Names* names) {
  if (!change.from.empty()) names->erase(change.from);
  if (!change.to.empty()) (*names)[change.to] = change.file;
}

bool NameTable::IsPossible(const Change& change, const Names& names) {
  if (change.from.empty()) return true;
  const auto found = names.find(change.from);
  return found != names.end() && found->second == change.file;
}

void NameTable::Create(const std::string& path, FileId file) {
  changes_.push_back({"", path, file});
  Apply(changes_.back(), &visible_);
}

void NameTable::CreateDirectory(const std::string& path) {
  if (visible_.count(path) != 0) return;
  if (visible_.count(DirectoryOf(path)) == 0) return Put(path, kIsDirectory);
  Create(path, kIsDirectory);
}

void NameTable::Rename(const std::string& from, const std::string& to) {
  changes_.push_back({from, to, visible_.at(from)});
  Apply(changes_.back(), &visible_);
}

void NameTable::Remove(const std::string& path) {
  changes_.push_back({path, "", visible_.at(path)});
  Apply(changes_.back(), &visible_);
}

void NameTable::SyncDirectory(const std::string& path) {
  std::vector<Change> left;
  for (Change& change : changes_) {
    if (DirectoryOf(change.to.empty() ? change.from : change.to) == path) {
      Apply(change, &durable_);
    } else {
      left.push_back(std::move(change));
    }
  }
  changes_ = std::move(left);
}

void NameTable::Put(const std::string& path, FileId file) {
  visible_[path] = durable_[path] = file;
}

void NameTable::Erase(const std::string& path) {
  visible_.erase(path);
  durable_.erase(path);
  std::erase_if(changes_,
                [&](const Change& change) { return change.from == path || change.to == path; });
}

void NameTable::CutPower(Choices* choices) {
  for (const Change& change : changes_) {
    if (!IsPossible(change, durable_)) continue;
    if (choices->Pick(2, "change of a name") == 1) Apply(change, &durable_);
  }
  // What lies in a directory that was lost is lost.
  std::erase_if(durable_, [&](const auto& entry) {
    const std::string directory = DirectoryOf(entry.first);
    return visible_.count(directory) != 0 && durable_.count(directory) == 0;
  });
  changes_.clear();
  visible_ = durable_;
}

bool NameTable::IsDurable(const std::string& path) const {
  const auto durable = durable_.find(path);
  const auto visible = visible_.find(path);
  if (durable == durable_.end() || visible == visible_.end()) return false;
  if (durable->second != visible->second) return false;
  for (const Change& change : changes_)
    if (change.from == path || change.to == path) return false;
  const std::string directory = DirectoryOf(path);
  return visible_.count(directory) == 0 || IsDurable(directory);
}

void NameTable::Renumber(const std::vector<FileId>& ids) {
  const auto renumber = [&](FileId* file) {
    if (*file < ids.size()) *file = ids[*file];
  };
  for (auto& [path, file] : visible_) renumber(&file);
  for (auto& [path, file] : durable_) renumber(&file);
  for (Change& change : changes_) renumber(&change.file);
}

uint64_t NameTable::Hash(const std::vector<uint64_t>& file_hashes) const {
  uint64_t hash = 0;
  const auto add = [&](const std::string& path, FileId file) {
    hash = Mix(hash, HashOfBytes(path.data(), path.size()));
    hash = Mix(hash, file < file_hashes.size() ? file_hashes[file] : file);
  };
  for (const auto& [path, file] : visible_) add(path, file);
  hash = Mix(hash, changes_.size());
  if (changes_.empty()) return hash;
  for (const auto& [path, file] : durable_) add(path, file);
  for (const Change& change : changes_) {
    add(change.from, change.file);
    add(change.to, change.file);
  }
  return hash;
}

}  // namespace seawall::simulation

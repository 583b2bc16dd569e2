// NameTable: the names of files and directories, and which changes of them are not durable yet.
//
// A change is durable once its directory was synced after it. Until then it happens or not, each
// one for itself, in their order; a rename is never half done, and one whose file never got its old
// name does not happen.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "device/choices.h"

namespace seawall::simulation {

using FileId = uint32_t;
inline constexpr FileId kIsDirectory = UINT32_MAX;
inline constexpr FileId kNoFile = UINT32_MAX - 1;

using Names = std::map<std::string, FileId>;

class NameTable {
 public:
  const Names& visible() const { return visible_; }
  // kNoFile when there is none.
  FileId Find(const std::string& path) const;

  void Create(const std::string& path, FileId file);
  // A directory whose own directory was not made on this disk is where the disk is mounted: it is
  // durable at once.
  void CreateDirectory(const std::string& path);
  void Rename(const std::string& from, const std::string& to);
  void Remove(const std::string& path);
  void SyncDirectory(const std::string& path);
  // Durable at once.
  void Put(const std::string& path, FileId file);
  void Erase(const std::string& path);

  // Power goes: what was not synced has happened or not.
  void CutPower(Choices* choices);
  // At most: some combinations cannot be.
  double OutcomeCount() const { return std::ldexp(1.0, static_cast<int>(changes_.size())); }
  // Its name survives a power cut, whatever else does.
  bool IsDurable(const std::string& path) const;
  bool has_volatile_changes() const { return !changes_.empty(); }
  // Gives files other ids.
  void Renumber(const std::vector<FileId>& ids);
  uint64_t Hash(const std::vector<uint64_t>& file_hashes) const;

 private:
  struct Change {
    std::string from;  // empty: created
    std::string to;    // empty: removed
    FileId file;
  };
  static void Apply(const Change& change, Names* names);
  static bool IsPossible(const Change& change, const Names& names);

  Names visible_;
  Names durable_;
  std::vector<Change> changes_;  // from durable_ to visible_
};

std::string DirectoryOf(const std::string& path);

}  // namespace seawall::simulation

// MemoryStorage: a Storage in memory with a volatile cache, for tests of the log.
//
// A written sector stays volatile until a sync that was issued after the write completed, or until
// it was written durably. A name (created, renamed, removed) stays volatile until its directory is
// synced. PowerCut returns what a power cut would leave: for each sector independently the durable
// version or any later one. ProcessKill returns everything that was written, still volatile.
//
// Deterministic: one seed decides completion order and what survives. Thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "io/storage.h"

namespace seawall::test {

constexpr size_t kSectorBytes = 512;
using Sector = std::vector<uint8_t>;

// The operations that can be counted, failed or stopped at.
enum class Operation : uint8_t {
  kRead,
  kWrite,
  kSync,
  kAllocate,
  kOpen,
  kRename,
  kRemove,
  kSyncDirectory
};

// What survives of what was not synced.
enum class Survival : uint8_t { kNothing, kEverything, kRandom };

// The content of one file, shared by its names and its handles.
struct Inode {
  uint64_t bytes = 0;
  uint64_t durable_bytes = 0;
  std::map<uint64_t, Sector> durable;               // by sector number; missing sectors are zeros
  std::map<uint64_t, std::vector<Sector>> pending;  // versions since the last sync, oldest first
  std::map<uint64_t, bool> unreadable;
};

struct Counters {
  uint64_t reads = 0;
  uint64_t writes = 0;
  uint64_t syncs = 0;
  uint64_t write_bytes = 0;
};

class MemoryDisk {
 public:
  explicit MemoryDisk(uint64_t seed) : random_(seed) {}

  // What is left for the next open. The old disk can go on.
  std::shared_ptr<MemoryDisk> PowerCut(Survival survival, uint64_t seed) const;
  std::shared_ptr<MemoryDisk> ProcessKill(uint64_t seed) const;

  // Called before every operation; a status other than ok is its result and nothing happens. Set
  // before use.
  std::function<Status(Operation operation, const std::string& path)> before;
  // Syncs report success and make nothing durable.
  bool lying_sync = false;
  // A write that `before` fails still reaches the cache: what a power cut in the middle of it
  // leaves.
  bool failed_writes_land = false;
  // Queues complete the newest operation first.
  bool reverse_completions = false;
  uint64_t capacity_bytes = UINT64_MAX;
  Counters counters;

  // Direct access, as someone with a hex editor has it: changes both the durable and the visible
  // bytes.
  bool Exists(const std::string& path) const;
  std::vector<std::string> Paths() const;
  std::vector<uint8_t> Bytes(const std::string& path) const;
  void Overwrite(const std::string& path, uint64_t offset, const std::vector<uint8_t>& bytes);
  void FlipBit(const std::string& path, uint64_t offset, int bit);
  void MakeUnreadable(const std::string& path, uint64_t offset);
  void RemoveFile(const std::string& path);
  void CopyFile(const std::string& from, const std::string& to);

  // For MemoryStorage. The mutex is held by the caller.
  Status ReadInode(const Inode& inode, uint64_t offset, uint8_t* data, size_t bytes,
                   const std::string& path);
  void WriteInode(Inode* inode, uint64_t offset, const uint8_t* data, size_t bytes, bool durable);
  void SyncInode(Inode* inode);
  uint64_t UsedBytes() const;

  mutable std::mutex mutex;
  std::map<std::string, std::shared_ptr<Inode>> names;          // visible
  std::map<std::string, std::shared_ptr<Inode>> durable_names;  // after a power cut
  std::map<std::string, int> locks;
  std::map<std::string, bool> directories;

 private:
  // The names of a file after a power cut that loses what was not synced, and now.
  struct Names {
    std::vector<std::string> before;
    std::vector<std::string> after;
  };
  std::vector<std::pair<std::shared_ptr<Inode>, Names>> ChangedNames() const;

  std::mt19937_64 random_;
};

// A Storage on `disk`; several may exist, one after the other or (for lock tests) at once.
std::unique_ptr<Storage> NewMemoryStorage(std::shared_ptr<MemoryDisk> disk);

}  // namespace seawall::test

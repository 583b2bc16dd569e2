// SimulatedDisk: a disk with a volatile cache, in memory. What it keeps after a power cut is
// decided only when somebody looks (device/choices.h), so that every crash state can be tried.
//
// What it promises is what io/storage.h says may be relied on, and no more:
//   - a write is volatile until a sync that was issued after it completed, or until it was written
//     durably itself; after a power cut each block holds its durable version, any later one, or
//     what DeviceOptions::outcomes adds;
//   - names and sizes are volatile until their directory, or their file, was synced;
//   - a write in flight when the power goes counts as written and not synced;
//   - what a killed process wrote is visible, and as volatile as before.
// Faults (device/faults.h) and damage go beyond that.
//
// Deterministic on one thread: choices decide everything. Thread safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "device/disk_image.h"
#include "device/faults.h"
#include "io/storage.h"

namespace seawall::simulation {

// What survives of what was not synced, where one word is enough.
enum class Survival : uint8_t { kNothing, kEverything, kRandom };

enum class EventKind : uint8_t {
  kWriteIssued,
  kWriteCompleted,
  kSyncIssued,
  kSyncCompleted,
  kAllocated,
  kCreated,
  kRenamed,
  kRemoved,
  kDirectorySynced,
};

struct DeviceEvent {
  EventKind kind;
  const std::string& path;
  uint64_t offset = 0;  // of a write
  uint64_t bytes = 0;
};

struct Counters {
  uint64_t reads = 0;
  uint64_t writes = 0;
  uint64_t syncs = 0;
  uint64_t write_bytes = 0;
  uint64_t changed_buffers = 0;  // writes whose buffer changed between submission and completion
};

class SimulatedDisk {
 public:
  explicit SimulatedDisk(const DeviceOptions& options = {}) : options_(options) {}
  // What `image` holds, as it is; undecided blocks are decided by `choices` when they are read.
  SimulatedDisk(DiskImage image, const DeviceOptions& options, std::shared_ptr<Choices> choices);
  // The disk of a machine that starts after a power cut: `image` after DiskImage::CutPower. Names
  // and sizes are decided now.
  static std::shared_ptr<SimulatedDisk> Restarted(DiskImage image, const DeviceOptions& options,
                                                  std::shared_ptr<Choices> choices);

  const DeviceOptions& options() const { return options_; }
  DiskImage Snapshot() const;

  // The disk that the next start finds after a power cut now. This one can go on.
  std::shared_ptr<SimulatedDisk> CutPower(std::shared_ptr<Choices> choices) const;
  // The same with everything decided at once; in kRandom each sector for itself.
  std::shared_ptr<SimulatedDisk> PowerCut(Survival survival, uint64_t seed) const;
  std::shared_ptr<SimulatedDisk> KillProcess() const;

  // Called before every operation, with no lock held; a status other than ok is its result and
  // nothing happens. Set before use.
  std::function<Status(Operation operation, const std::string& path)> before;
  // Called after every event that changes what a power cut may leave, with no lock held.
  std::function<void(const DeviceEvent& event)> observer;
  // A write that `before` fails still reaches the cache: what a power cut in the middle of it
  // leaves.
  bool failed_writes_land = false;
  // Syncs report success and make nothing durable.
  bool lying_sync = false;
  // Queues complete the newest operation first; with `completion_order`, any.
  bool reverse_completions = false;
  std::shared_ptr<Choices> completion_order;
  uint64_t capacity_bytes = UINT64_MAX;
  Counters counters;

  void AddFault(const Fault& fault);
  // This one and no other.
  void SetFault(const Fault& fault);
  void ClearFaults();
  // How often any of them hit.
  uint64_t fault_hits() const;

  // The `changes`-th operation from now that changes something fails, and may have reached the
  // cache; everything after it fails. 0: never.
  void EndPowerAfter(uint64_t changes);
  void EndPower();
  bool is_off() const;
  uint64_t changes_seen() const;
  uint64_t events() const;

  // Direct access, as someone with a hex editor has it: changes both the durable and the visible
  // bytes.
  bool Exists(const std::string& path) const;
  std::vector<std::string> Paths() const;
  std::vector<uint8_t> Bytes(const std::string& path) const;
  void Overwrite(const std::string& path, uint64_t offset, const std::vector<uint8_t>& bytes);
  void FlipBit(const std::string& path, uint64_t offset, int bit);
  void MakeUnreadable(const std::string& path, uint64_t offset);
  void MakeReadable(const std::string& path);
  void AddFile(const std::string& path, const std::vector<uint8_t>& bytes);
  void RemoveFile(const std::string& path);
  void CopyFile(const std::string& from, const std::string& to);
  bool IsReadable(const std::string& path, uint64_t offset, uint64_t bytes) const;
  // Every power cut now leaves these bytes as they are.
  bool IsStable(const std::string& path, uint64_t offset, uint64_t bytes) const;
  uint32_t undecided_blocks() const;

  // For SimulatedStorage: one operation each, with its faults.
  Status Open(const std::string& path, OpenMode mode, FileId* file);
  Status Read(FileId file, const std::string& path, uint64_t offset, uint8_t* data, size_t bytes);
  // A write in two steps; between them it is in flight. 0: the power is off.
  uint64_t IssueWrite(FileId file, const std::string& path,
                      std::shared_ptr<const DeviceWrite> write);
  // The same write made longer while it waits.
  void ReplaceInFlight(uint64_t id, FileId file, std::shared_ptr<const DeviceWrite> write);
  Status CompleteWrite(uint64_t id, FileId file, const std::string& path,
                       const std::shared_ptr<const DeviceWrite>& write, Durability durability);
  // What a sync that is issued now will cover.
  uint64_t IssueSync(const std::string& path);
  Status CompleteSync(FileId file, const std::string& path, uint64_t covers);
  Status Allocate(FileId file, const std::string& path, uint64_t bytes);
  uint64_t SizeOf(FileId file) const;
  Status Rename(const std::string& from, const std::string& to);
  Status Remove(const std::string& path);
  Status SyncDirectory(const std::string& path);
  void CreateDirectory(const std::string& path);
  void List(const std::string& directory, std::vector<std::string>* names) const;
  Status Lock(const std::string& path, LockMode mode);
  void Unlock(const std::string& path);

 private:
  struct Verdict {
    Status status;
    FaultEffect effect = FaultEffect::kNone;
    uint64_t amount = 0;
    bool is_lying_sync = false;  // of a durable write
  };
  struct LateSync {
    uint64_t due;
    FileId file;
    uint64_t covers;
  };
  Verdict Ask(Operation operation, const std::string& path, bool is_durable_write = false);
  Verdict AskPowerAndFaults(Operation operation, const std::string& path, bool is_durable_write);
  void Announce(EventKind kind, const std::string& path, uint64_t offset = 0, uint64_t bytes = 0);
  void SyncLater(FileId file, uint64_t covers, uint64_t operations);
  uint64_t UsedBytes() const;
  FileId FileAt(const std::string& path) const;
  void ReplaceBytes(const std::string& path, uint64_t offset, const uint8_t* data, size_t bytes,
                    SectorSet unreadable);

  const DeviceOptions options_;
  mutable std::mutex mutex_;
  // All guarded by mutex_.
  DiskImage image_;
  std::shared_ptr<Choices> choices_;
  FaultList faults_;
  std::map<std::string, int> locks_;
  std::vector<LateSync> late_syncs_;
  uint64_t next_write_id_ = 1;
  uint64_t operations_ = 0;
  uint64_t changes_seen_ = 0;
  uint64_t power_ends_at_ = 0;
  bool is_off_ = false;
  uint64_t events_ = 0;
};

}  // namespace seawall::simulation

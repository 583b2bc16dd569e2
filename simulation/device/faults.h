// Faults: which operations on a simulated device do not do what they say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace seawall::simulation {

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

enum class FaultEffect : uint8_t {
  kNone,
  kFail,        // an error, and nothing happened
  kFailDone,    // an error, but it happened all the same: a write is in the cache, a sync is done
  kFailInPart,  // an error; the first `amount` bytes of a write are in the cache
  kLose,        // success, but nothing happened: a lost write, a lying sync or directory sync
  kSyncInPart,  // success, but only the blocks below block `amount` were synced
  kSyncLate,    // success, but it happens only after `amount` more operations
  kMisdirect,   // success, but the write went `amount` blocks behind where it belongs
  kStale,       // success, but a read returns what the medium held before its last change
  kFailLosing,  // an error, and what a sync should have covered is gone: no later one covers it
};

// Which of the operations are hit: those of `operation` on paths with `path_part` in them, after
// `skip` of them, then every `every`-th, `times` times. A lying sync (kLose, kSyncLate) also hits
// durable writes: their bytes stay volatile.
struct Fault {
  static constexpr uint64_t kAlways = UINT64_MAX;

  Operation operation = Operation::kWrite;
  std::string path_part;
  FaultEffect effect = FaultEffect::kFail;
  int sys_errno = 5;
  uint64_t skip = 0;
  uint64_t every = 1;
  uint64_t times = 1;
  uint64_t amount = 0;
};

class FaultList {
 public:
  void Add(const Fault& fault) { rules_.push_back({fault, 0, 0}); }
  void Clear() { rules_.clear(); }
  bool empty() const { return rules_.empty(); }
  // The fault that hits this operation, if any. Counts it.
  const Fault* Hit(Operation operation, const std::string& path, bool is_durable_write);
  // How often any fault hit.
  uint64_t hits() const { return hits_; }

 private:
  struct Rule {
    Fault fault;
    uint64_t seen;
    uint64_t used;
  };
  std::vector<Rule> rules_;
  uint64_t hits_ = 0;
};

}  // namespace seawall::simulation

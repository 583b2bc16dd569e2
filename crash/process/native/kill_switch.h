// Ends the process with SIGKILL at one chosen operation of the storage.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace seawall::crash {

enum class Operation : uint8_t {
  kRead,
  kWrite,
  kDurableWrite,
  kSync,
  kAllocate,
  kOpen,
  kCreate,
  kRename,
  kRemove,
  kSyncDirectory,
  kLock,
  kAny,
};

enum class Moment : uint8_t {
  kNever,
  kBefore,
  kMiddle,  // of a write: its first half is in the file. Of anything else: as kBefore.
  kDuring,  // some microseconds after it was begun, whether it is complete by then or not
  kAfter,
};

struct KillPoint {
  Operation operation = Operation::kAny;
  // A glob (fnmatch) for the path below the directory of the log; of a rename, the new one.
  std::string path;
  Moment moment = Moment::kNever;
  // The n-th such operation since it was armed, from 1.
  uint64_t count = 1;
  uint32_t delay_us = 0;  // for kDuring
};

// One for the process: a child of the harness has one store. Safe from several threads.
class KillSwitch {
 public:
  static KillSwitch* Get();

  // Operations are counted from here on.
  void Arm(const KillPoint& point);
  // When the operation that begins now is to be killed. `path` is below the directory of the log.
  Moment OfNext(Operation operation, const std::string& path);
  // Returns at once; the process ends after the delay of the point.
  void KillSoon() const;
  [[noreturn]] static void Kill();

 private:
  std::mutex mutex_;
  KillPoint point_;
  uint64_t left_ = 0;
};

}  // namespace seawall::crash

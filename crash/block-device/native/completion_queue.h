// Answers that the device keeps back for a while, so that writes and flushes are under way at the
// same time and are completed in another order than they were issued.
#pragma once

#include <fuse_lowlevel.h>

#include <cstdint>
#include <random>
#include <vector>

#include "faulty_device.h"

namespace seawall::crash {

struct HoldOptions {
  // 0 to 256: how many of 256 are kept back.
  uint32_t held_of_256 = 0;
  // Longest time.
  uint32_t microseconds_max = 0;
  uint64_t seed = 0;
};

class CompletionQueue {
 public:
  explicit CompletionQueue(FaultyDevice* device) : device_(device) {}

  void SetOptions(const HoldOptions& options);
  // Answers now or later. `written_bytes` is the answer to a write.
  void Add(const Pending& pending, fuse_req_t request, size_t written_bytes);
  // Answers what has waited long enough.
  void CompleteDue();
  void CompleteAll();
  // Microseconds until the next one is due; -1: none waits.
  int64_t MicrosecondsLeft() const;

 private:
  struct Held {
    Pending pending;
    fuse_req_t request;
    size_t written_bytes;
    uint64_t due_us;
  };

  void Complete(const Held& held);

  FaultyDevice* const device_;
  HoldOptions options_;
  std::mt19937_64 random_;
  std::vector<Held> held_;
};

}  // namespace seawall::crash

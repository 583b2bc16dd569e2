// A counter to sleep on: one futex word. Unlike a condition variable it needs no lock around the
// condition and no recent libstdc++.
#pragma once

#include <atomic>
#include <cstdint>

namespace seawall {

class WakeSignal {
 public:
  // Read the epoch, check the condition, then sleep: a Notify in between makes Wait return at once.
  uint32_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  // Wakes every sleeper. Costs a system call only when someone sleeps.
  void Notify();
  // Returns when the epoch differs from `seen`, or after `timeout_us` (negative: never), or
  // spuriously.
  void Wait(uint32_t seen, int64_t timeout_us);

 private:
  std::atomic<uint32_t> epoch_{0};
  std::atomic<uint32_t> sleepers_{0};
};

}  // namespace seawall

// The devices and options that every workload is tried with.
#pragma once

#include <cstdint>
#include <vector>

#include "device/block_state.h"
#include "log/log_environment.h"

namespace seawall::crash {

inline constexpr const char* kDirectory = "/log";
// The smallest that the log allows, so that short workloads reach segments' ends.
inline constexpr uint64_t kSegmentBytes = 4 * 4096;
inline constexpr uint64_t kBufferBytes = 4 * 4096;

struct Setup {
  const char* name;
  simulation::DeviceOptions device;
  bool sync_each_write;
  bool reverse_completions;
  bool lying_sync = false;
};

const std::vector<Setup>& Setups();
// Its place among them, by its name.
uint32_t SetupNumber(const Setup& setup);
LogOptions LogOptionsOf(const Setup& setup);
LogEnvironment FixedEnvironment();
// Moves the clock that the log sees.
void SetClock(uint64_t now_us);
uint64_t Clock();

}  // namespace seawall::crash

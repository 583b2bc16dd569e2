#include "setup.h"

#include <cstring>

namespace seawall::crash {

namespace {

uint64_t g_now_us = 0;

simulation::DeviceOptions Device(uint32_t sector_bytes, simulation::Outcomes outcomes) {
  simulation::DeviceOptions device;
  device.sector_bytes = sector_bytes;
  device.outcomes = outcomes;
  return device;
}

simulation::DeviceOptions OddDevice() {
  simulation::DeviceOptions device = Device(512, simulation::Outcomes::kTorn);
  device.merges_adjacent_writes = true;
  device.shows_recycled_blocks = true;
  return device;
}

}  // namespace

const std::vector<Setup>& Setups() {
  using simulation::Outcomes;
  static const std::vector<Setup> setups = {
      {"512 whole durable", Device(512, Outcomes::kWhole), true, false},
      {"512 torn durable", Device(512, Outcomes::kTorn), true, false},
      {"4096 torn sync", Device(4096, Outcomes::kTorn), false, true},
      {"512 torn merged recycled sync", OddDevice(), false, false},
  };
  return setups;
}

uint32_t SetupNumber(const Setup& setup) {
  uint32_t number = 0;
  while (std::strcmp(Setups()[number].name, setup.name) != 0) number += 1;
  return number;
}

LogOptions LogOptionsOf(const Setup& setup) {
  LogOptions options;
  options.segment_bytes = kSegmentBytes;
  options.buffer_bytes = kBufferBytes;
  options.sync_each_write = setup.sync_each_write;
  options.start_threads = false;
  options.scan_read_bytes_max = 4096;
  return options;
}

LogEnvironment FixedEnvironment() {
  LogEnvironment environment;
  environment.wall_clock_ms = [] { return uint64_t{1'700'000'000'000}; };
  environment.monotonic_us = [] { return g_now_us; };
  environment.fill_random = [](void* bytes, size_t count) { std::memset(bytes, 0x5A, count); };
  return environment;
}

void SetClock(uint64_t now_us) { g_now_us = now_us; }

uint64_t Clock() { return g_now_us; }

}  // namespace seawall::crash

#include "io/clock.h"

#include <time.h>

#include "base/assert.h"

namespace seawall {

namespace {

timespec Now(clockid_t clock) {
  timespec now;
  SEAWALL_ASSERT(clock_gettime(clock, &now) == 0);
  return now;
}

}  // namespace

uint64_t WallClockMs() {
  const timespec now = Now(CLOCK_REALTIME);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
}

uint64_t MonotonicUs() {
  const timespec now = Now(CLOCK_MONOTONIC);
  return static_cast<uint64_t>(now.tv_sec) * 1000000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
}

}  // namespace seawall

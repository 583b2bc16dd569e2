#include "log/log_environment.h"

#include "io/clock.h"
#include "io/random.h"

namespace seawall {

LogEnvironment LogEnvironment::Real() {
  LogEnvironment environment;
  environment.wall_clock_ms = WallClockMs;
  environment.monotonic_us = MonotonicUs;
  environment.fill_random = FillRandom;
  return environment;
}

}  // namespace seawall

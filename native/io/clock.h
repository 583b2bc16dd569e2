// The clocks. Retention and recovery never decide by them; they are for reports and delays.
#pragma once

#include <cstdint>

namespace seawall {

// Milliseconds since 1970; may jump.
uint64_t WallClockMs();

// Microseconds since some moment; never goes back.
uint64_t MonotonicUs();

}  // namespace seawall

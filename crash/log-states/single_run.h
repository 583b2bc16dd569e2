// One run, told by a list of choices: a replay, or a random one.
#pragma once

#include "explorer.h"

namespace seawall::crash {

struct RunLimits {
  uint32_t steps = 64;    // of one session
  uint32_t crashes = 16;  // one after the other
};

// Counts the recoveries in `states`.
Verdict RunOnce(const Setup& setup, const RunLimits& limits,
                const std::shared_ptr<simulation::Choices>& choices, uint64_t* states);

}  // namespace seawall::crash

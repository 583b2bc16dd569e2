// FaultTable: each of the faults that a log can only detect, at each place, and what came of it.
#pragma once

#include <string>
#include <vector>

#include "fault_trial.h"

namespace seawall::crash {

struct FaultRow {
  std::string fault;
  uint64_t survived = 0;
  uint64_t detected = 0;
  uint64_t missed = 0;  // without evidence; with it, it is a violation
};

struct FaultTable {
  std::vector<FaultRow> rows;
  std::vector<Violation> violations;
};

// A few CPU seconds. `step_bytes`: how far the places of bit rot lie apart.
FaultTable TryFaults(const Setup& setup, uint32_t step_bytes);

}  // namespace seawall::crash

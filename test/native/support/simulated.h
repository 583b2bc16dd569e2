// The simulated disk under the names that tests use.
#pragma once

#include "device/simulated_storage.h"

namespace seawall::test {

using simulation::Counters;
using simulation::kSectorBytes;
using simulation::NewSimulatedStorage;
using simulation::Operation;
using simulation::SimulatedDisk;
using simulation::Survival;

}  // namespace seawall::test

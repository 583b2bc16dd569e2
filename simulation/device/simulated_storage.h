// A Storage (io/storage.h) on a SimulatedDisk; several may exist, one after the other or (for lock
// tests) at once.
#pragma once

#include <memory>

#include "device/simulated_disk.h"

namespace seawall::simulation {

std::unique_ptr<Storage> NewSimulatedStorage(std::shared_ptr<SimulatedDisk> disk);

}  // namespace seawall::simulation

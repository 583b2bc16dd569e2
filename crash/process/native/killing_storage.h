// A storage that does everything that another one does, and ends the process where the KillSwitch
// says.
#pragma once

#include <memory>
#include <string>

#include "io/storage.h"

namespace seawall::crash {

std::unique_ptr<Storage> NewKillingStorage(std::unique_ptr<Storage> storage,
                                           const std::string& directory);

}  // namespace seawall::crash

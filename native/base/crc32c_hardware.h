// The processor's CRC-32C instruction, where it has one. Exactly one crc32c_<architecture>.cc
// defines these.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seawall {

using Crc32cFunction = uint32_t (*)(uint32_t crc, const void* data, size_t bytes);

// nullptr when this processor lacks the instructions.
Crc32cFunction HardwareCrc32c();
const char* HardwareCrc32cName();

}  // namespace seawall

#if !defined(__x86_64__) && !defined(__aarch64__)

#include "base/crc32c_hardware.h"

namespace seawall {

Crc32cFunction HardwareCrc32c() { return nullptr; }

const char* HardwareCrc32cName() { return ""; }

}  // namespace seawall

#endif

#if defined(__aarch64__)

#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include "base/bytes.h"
#include "base/crc32c_hardware.h"

namespace seawall {

namespace {

__attribute__((target("+crc"))) uint32_t ExtendArmv8(uint32_t crc, const void* data, size_t bytes) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint32_t state = ~crc;
  for (; bytes >= 8; at += 8, bytes -= 8) state = __crc32cd(state, LoadLittleEndian<uint64_t>(at));
  for (; bytes > 0; at++, bytes--) state = __crc32cb(state, *at);
  return ~state;
}

}  // namespace

Crc32cFunction HardwareCrc32c() {
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0 ? ExtendArmv8 : nullptr;
}

const char* HardwareCrc32cName() { return "armv8-crc"; }

}  // namespace seawall

#endif  // __aarch64__

#if defined(__x86_64__)

#include <immintrin.h>

#include "base/bytes.h"
#include "base/crc32c_hardware.h"

namespace seawall {

namespace {

constexpr uint64_t kPolynomial = 0x11EDC6F41;

// x^exponent mod the polynomial, bits reversed as the instruction wants them.
constexpr uint32_t ReflectedPowerOfX(uint32_t exponent) {
  uint64_t power = 1;
  for (uint32_t i = 0; i < exponent; i++) {
    power <<= 1;
    if ((power >> 32) != 0) power ^= kPolynomial;
  }
  uint32_t reflected = 0;
  for (int bit = 0; bit < 32; bit++) {
    if (((power >> bit) & 1) != 0) reflected |= uint32_t{1} << (31 - bit);
  }
  return reflected;
}

// Multiplying a CRC by this and reducing it moves it `bytes` zero bytes further. 33 less: the
// carry-less product of two reflected numbers is one bit short, and the reducing instruction
// adds 32.
constexpr uint32_t ShiftFactor(uint32_t bytes) { return ReflectedPowerOfX(8 * bytes - 33); }

__attribute__((target("sse4.2"))) uint64_t ExtendSerial(uint64_t state, const uint8_t* at,
                                                        size_t bytes) {
  for (; bytes >= 8; at += 8, bytes -= 8)
    state = _mm_crc32_u64(state, LoadLittleEndian<uint64_t>(at));
  if (bytes >= 4) {
    state = _mm_crc32_u32(static_cast<uint32_t>(state), LoadLittleEndian<uint32_t>(at));
    at += 4;
    bytes -= 4;
  }
  for (; bytes > 0; at++, bytes--) state = _mm_crc32_u8(static_cast<uint32_t>(state), *at);
  return state;
}

__attribute__((target("sse4.2,pclmul"))) uint32_t Shift(uint64_t state, uint32_t factor) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(state)),
                           _mm_cvtsi64_si128(static_cast<int64_t>(uint64_t{factor})), 0);
  return static_cast<uint32_t>(_mm_crc32_u64(0, static_cast<uint64_t>(_mm_cvtsi128_si64(product))));
}

// The instruction has a latency of three and a throughput of one: three lanes side by side keep it
// busy.
template <size_t kLaneBytes>
__attribute__((target("sse4.2,pclmul"))) uint64_t ExtendThreeLanes(uint64_t state,
                                                                   const uint8_t** at,
                                                                   size_t* bytes) {
  constexpr uint32_t kShiftOne = ShiftFactor(kLaneBytes);
  constexpr uint32_t kShiftTwo = ShiftFactor(2 * kLaneBytes);
  while (*bytes >= 3 * kLaneBytes) {
    const uint8_t* lane = *at;
    uint64_t a = state;
    uint64_t b = 0;
    uint64_t c = 0;
    for (size_t i = 0; i < kLaneBytes; i += 8) {
      a = _mm_crc32_u64(a, LoadLittleEndian<uint64_t>(lane + i));
      b = _mm_crc32_u64(b, LoadLittleEndian<uint64_t>(lane + kLaneBytes + i));
      c = _mm_crc32_u64(c, LoadLittleEndian<uint64_t>(lane + 2 * kLaneBytes + i));
    }
    state = Shift(a, kShiftTwo) ^ Shift(b, kShiftOne) ^ c;
    *at += 3 * kLaneBytes;
    *bytes -= 3 * kLaneBytes;
  }
  return state;
}

uint32_t ExtendSse42(uint32_t crc, const void* data, size_t bytes) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t state = static_cast<uint32_t>(~crc);
  if (bytes >= 3 * 64) {
    state = ExtendThreeLanes<1360>(state, &at, &bytes);
    state = ExtendThreeLanes<336>(state, &at, &bytes);
    state = ExtendThreeLanes<64>(state, &at, &bytes);
  }
  return ~static_cast<uint32_t>(ExtendSerial(state, at, bytes));
}

}  // namespace

Crc32cFunction HardwareCrc32c() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul") ? ExtendSse42
                                                                              : nullptr;
}

const char* HardwareCrc32cName() { return "sse4.2+pclmul"; }

}  // namespace seawall

#endif  // __x86_64__

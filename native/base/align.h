// Alignment arithmetic. Alignments are powers of two.
#pragma once

#include <cstdint>

#include "base/assert.h"

namespace seawall {

constexpr bool IsPowerOfTwo(uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

constexpr uint64_t AlignDown(uint64_t value, uint64_t alignment) {
  SEAWALL_ASSERT(IsPowerOfTwo(alignment));
  return value & ~(alignment - 1);
}

constexpr uint64_t AlignUp(uint64_t value, uint64_t alignment) {
  SEAWALL_ASSERT(IsPowerOfTwo(alignment));
  return (value + alignment - 1) & ~(alignment - 1);
}

constexpr bool IsAligned(uint64_t value, uint64_t alignment) {
  SEAWALL_ASSERT(IsPowerOfTwo(alignment));
  return (value & (alignment - 1)) == 0;
}

}  // namespace seawall

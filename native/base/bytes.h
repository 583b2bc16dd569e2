// Little-endian loads and stores at any address, and the one place that copies raw memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace seawall {

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian and structures are copied as they are in memory");

template <typename T>
T LoadLittleEndian(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <typename T>
void StoreLittleEndian(void* to, T value) {
  std::memcpy(to, &value, sizeof(value));
}

// REQUIRES: the ranges do not overlap.
inline void CopyBytes(void* to, const void* from, size_t bytes) {
  if (bytes != 0) std::memcpy(to, from, bytes);
}

inline void ZeroBytes(void* to, size_t bytes) {
  if (bytes != 0) std::memset(to, 0, bytes);
}

inline bool AllZero(const void* data, size_t bytes) {
  const auto* p = static_cast<const unsigned char*>(data);
  if (bytes == 0) return true;
  return p[0] == 0 && std::memcmp(p, p + 1, bytes - 1) == 0;
}

}  // namespace seawall

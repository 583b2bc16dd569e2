#include "base/crc32c.h"

#include <array>

#include "base/bytes.h"
#include "base/crc32c_hardware.h"

namespace seawall {

namespace {

constexpr uint32_t kReflectedPolynomial = 0x82F63B78;
constexpr size_t kSlices = 8;

using SliceTables = std::array<std::array<uint32_t, 256>, kSlices>;

// tables[k][b] is the CRC register after byte b followed by k zero bytes.
constexpr SliceTables MakeTables() {
  SliceTables tables = {};
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReflectedPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < kSlices; k++) {
    for (uint32_t byte = 0; byte < 256; byte++) {
      const uint32_t previous = tables[k - 1][byte];
      tables[k][byte] = (previous >> 8) ^ tables[0][previous & 0xFF];
    }
  }
  return tables;
}

constexpr SliceTables kTables = MakeTables();

}  // namespace

uint32_t Crc32cExtendPortable(uint32_t crc, const void* data, size_t bytes) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint32_t state = ~crc;
  for (; bytes >= 8; at += 8, bytes -= 8) {
    const uint64_t word = LoadLittleEndian<uint64_t>(at) ^ state;
    state = 0;
    for (size_t k = 0; k < kSlices; k++)
      state ^= kTables[kSlices - 1 - k][(word >> (8 * k)) & 0xFF];
  }
  for (; bytes > 0; at++, bytes--) state = (state >> 8) ^ kTables[0][(state ^ *at) & 0xFF];
  return ~state;
}

namespace {

struct Implementation {
  Crc32cFunction extend;
  const char* name;
};

Implementation Choose() {
  if (const Crc32cFunction hardware = HardwareCrc32c()) return {hardware, HardwareCrc32cName()};
  return {Crc32cExtendPortable, "table"};
}

const Implementation& Chosen() {
  static const Implementation chosen = Choose();
  return chosen;
}

}  // namespace

uint32_t Crc32cExtend(uint32_t crc, const void* data, size_t bytes) {
  return Chosen().extend(crc, data, bytes);
}

const char* Crc32cImplementation() { return Chosen().name; }

}  // namespace seawall

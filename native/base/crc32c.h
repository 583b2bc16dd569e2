// CRC-32C (Castagnoli), as in RFC 3720 appendix B.4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seawall {

// The CRC of A followed by B is Crc32cExtend(Crc32cExtend(0, A), B): `crc` is a finished CRC, so
// results can be stored and extended later. Any length, any alignment. Safe from every thread.
uint32_t Crc32cExtend(uint32_t crc, const void* data, size_t bytes);

inline uint32_t Crc32c(const void* data, size_t bytes) { return Crc32cExtend(0, data, bytes); }

// The same result from the table, for processors without the instruction and for tests to compare
// with.
uint32_t Crc32cExtendPortable(uint32_t crc, const void* data, size_t bytes);

// "sse4.2+pclmul", "armv8-crc" or "table": what Crc32cExtend uses on this machine. Chosen once, at
// first use.
const char* Crc32cImplementation();

}  // namespace seawall

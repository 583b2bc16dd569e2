// The two checks that come before any other field of a file is believed.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace seawall {

// kUnsupportedFormat when `found` is `expected` with its bytes reversed: written on a big-endian
// machine. Ok otherwise; the caller then reports a wrong magic in its own words.
Status CheckByteOrder(uint64_t found, uint64_t expected, const std::string& path);

// kUnsupportedFormat unless this version reads `found`.
Status CheckFormatVersion(uint32_t found, const std::string& path);

}  // namespace seawall

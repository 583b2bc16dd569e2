// The header block of a segment file. Pure.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "format/layout.h"
#include "format/lsn.h"

namespace seawall {

struct SegmentHeaderFields {
  LogId log_id = {};
  LogGeometry geometry;
  uint64_t segment_number = 0;
  uint64_t in_flight_max_bytes = 0;
  uint32_t incarnation = 0;
  uint32_t io_alignment_bytes = 0;
  uint64_t prepared_at_ms = 0;
};

// Fills one block of geometry.block_bytes.
void EncodeSegmentHeader(const SegmentHeaderFields& fields, uint8_t* block);

// Reads a header without knowing whose it should be. Errors: kUnsupportedFormat, kCorruptLog.
Status ParseSegmentHeader(const uint8_t* block, const std::string& path,
                          SegmentHeaderFields* fields);

// kLogMismatch unless `fields` name the log, the geometry and the segment of `expected`.
Status CheckSegmentIdentity(const SegmentHeaderFields& fields, const SegmentHeaderFields& expected,
                            const std::string& path);

// Reads a header that must belong to `expected` (log id, geometry, segment number). Errors:
// kUnsupportedFormat, kCorruptLog (checksum), kLogMismatch (another log, another place). `path` is
// for the message.
Status DecodeSegmentHeader(const uint8_t* block, const SegmentHeaderFields& expected,
                           const std::string& path, SegmentHeaderFields* fields);

}  // namespace seawall

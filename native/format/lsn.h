// LSN: the byte address of a record's first byte in the log stream, and where that byte lies on
// disk.
//
// The stream is cut into segments of equal payload; a segment file is one header block followed by
// its payload. So the file and offset of an LSN follow by arithmetic, and no table can be lost.
#pragma once

#include <cstdint>

#include "base/align.h"
#include "format/layout.h"

namespace seawall {

using Lsn = uint64_t;

struct LogGeometry {
  uint64_t segment_bytes = 0;
  uint32_t block_bytes = 0;

  uint64_t payload_bytes() const { return segment_bytes - block_bytes; }
  uint64_t SegmentOf(Lsn lsn) const { return lsn / payload_bytes(); }
  uint64_t FileOffsetOf(Lsn lsn) const { return block_bytes + lsn % payload_bytes(); }
  Lsn StartOf(uint64_t segment) const { return segment * payload_bytes(); }
  Lsn EndOf(uint64_t segment) const { return StartOf(segment + 1); }
  // The segment that must exist so that every byte below `end` has a place.
  uint64_t LastSegmentFor(Lsn end) const { return end == 0 ? 0 : SegmentOf(end - 1); }
  Lsn BlockStart(Lsn lsn) const { return AlignDown(lsn, block_bytes); }
  Lsn BlockEnd(Lsn lsn) const { return AlignUp(lsn, block_bytes); }

  // Whether a log can go on as far as that.
  bool Reaches(uint64_t segment) const { return segment <= SegmentOf(layout::lsn_max); }

  bool IsValid() const {
    return IsPowerOfTwo(block_bytes) && block_bytes >= layout::block_bytes_min &&
           block_bytes <= (uint32_t{1} << 20) && segment_bytes >= 4 * uint64_t{block_bytes} &&
           segment_bytes <= (uint64_t{1} << 40) && segment_bytes % block_bytes == 0;
  }
};

// What a record or fragment of `record_bytes` (header and body) takes up in the stream.
constexpr uint64_t StreamBytes(uint64_t record_bytes) {
  return AlignUp(record_bytes, layout::record_alignment_bytes);
}

}  // namespace seawall

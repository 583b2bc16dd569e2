// Framing, sealing and checking one record or fragment. Pure: bytes in, verdict out. See
// docs/FORMAT.md.
//
// A record is framed when it is appended (length, kind, flags, type, body) and sealed when its
// batch is built (incarnation, promise, checksums). Two checksums, so that a length is believed
// before any byte of the body is read, and so that the search for promises behind damage costs the
// same for every candidate.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/layout.h"
#include "format/lsn.h"

namespace seawall {

// The CRC of the log id: what every header checksum of this log starts from.
uint32_t HeaderSeed(const LogId& log_id);

struct RecordFrame {
  uint64_t body_bytes = 0;
  uint16_t type = 0;
  uint8_t kind = layout::kind_record;
  uint8_t flags = layout::flag_first | layout::flag_last;
};

// Writes the part of the header that appending knows. The body goes to `at + kRecordHeaderBytes`.
// lib/log/record-framer.ts does the same in JavaScript.
void FrameRecord(uint8_t* at, const RecordFrame& frame);

// Completes a framed record that lies in memory in one piece, and zeroes the gap behind its body.
// Returns its size in the stream. REQUIRES: framed with a valid length, kind and flags; durable_lsn
// <= lsn.
uint64_t SealRecord(uint8_t* at, uint32_t header_seed, Lsn lsn, uint32_t incarnation,
                    Lsn durable_lsn);

// Why the bytes at an LSN are not a record of this log at this place.
enum class HeaderVerdict : uint8_t {
  kValid,
  kZeros,        // nothing was ever written here, or only zeros
  kBadLength,    // outside its bounds; nothing else was looked at
  kBadChecksum,  // torn, stale, foreign, misplaced or damaged
  kBadKind,      // right checksum, unknown kind or flags: written by a newer version or by a bug
};
const char* HeaderVerdictName(HeaderVerdict verdict);

// Checks the kRecordHeaderBytes bytes at `bytes` as the header of a record at `lsn`; copies it to
// `header` (also when it is not valid).
HeaderVerdict CheckRecordHeader(const uint8_t* bytes, uint32_t header_seed, Lsn lsn,
                                layout::RecordHeader* header);

bool BodyMatches(const layout::RecordHeader& header, const uint8_t* body);

// Everything below this LSN was durable when the record was sealed. REQUIRES: a valid header of the
// record at `lsn`.
Lsn PromiseOf(const layout::RecordHeader& header, Lsn lsn);

inline bool IsFirst(const layout::RecordHeader& header) {
  return (header.flags & layout::flag_first) != 0;
}
inline bool IsLast(const layout::RecordHeader& header) {
  return (header.flags & layout::flag_last) != 0;
}

}  // namespace seawall

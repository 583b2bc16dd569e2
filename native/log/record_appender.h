// RecordAppender: frames records in the ring, in C++. What lib/log/record-framer.ts does in
// JavaScript; used for the records that the core itself writes, by native tests and by native
// benchmarks.
#pragma once

#include <cstdint>
#include <memory>

#include "format/record_header.h"
#include "io/ring_memory.h"

namespace seawall {

class RecordAppender {
 public:
  RecordAppender(std::shared_ptr<RingMemory> ring, Lsn end)
      : ring_(std::move(ring)), end_lsn_(end) {}

  // Where the next record starts.
  Lsn end_lsn() const { return end_lsn_; }
  // Where it would end.
  Lsn EndAfter(uint64_t body_bytes) const {
    return end_lsn_ + StreamBytes(kRecordHeaderBytes + body_bytes);
  }

  // Frames one record or fragment and returns its LSN. REQUIRES: EndAfter(body_bytes) is within the
  // append limit.
  Lsn Append(const void* body, const RecordFrame& frame);

 private:
  const std::shared_ptr<RingMemory> ring_;
  Lsn end_lsn_;
};

}  // namespace seawall

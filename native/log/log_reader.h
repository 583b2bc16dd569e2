// LogReader: records in order, in verified batches, with read-ahead.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "io/aligned_buffer.h"
#include "log/chunk_stream.h"
#include "log/fragment_sequence.h"

namespace seawall {

// One record with its body in memory of its own.
struct RecordCopy {
  Lsn lsn = 0;
  Lsn next_lsn = 0;  // where the next record starts
  uint16_t type = 0;
  std::vector<uint8_t> body;
};

// Records whose bodies lie in one buffer. Record i has its body at buffer[index[3i]], length
// index[3i + 1], type index[3i + 2], and its LSN is base_lsn + index[3i] - kRecordHeaderBytes.
struct RecordBatch {
  std::shared_ptr<uint8_t> buffer;
  size_t buffer_bytes = 0;  // used part of the buffer
  Lsn base_lsn = 0;         // LSN that buffer[0] stands for; wraps below zero only for arithmetic
  std::vector<uint32_t> index;
  Lsn next_lsn = 0;  // the scan goes on here
  size_t count() const { return index.size() / 3; }
};

class LogReader {
 public:
  // Where the readable log begins and ends right now.
  struct Bounds {
    std::function<Lsn()> oldest_lsn;
    std::function<Lsn()> flushed_lsn;
  };

  // `from` is the start of a record, or the end of the log. `segments` outlives the reader.
  LogReader(SegmentFiles* segments, std::unique_ptr<IoQueue> queue, uint64_t read_bytes_max,
            uint32_t header_seed, uint32_t incarnation_max, Bounds bounds, Lsn from, Lsn to);

  // The next batch: at least one record, or none when the scan has reached `to` or the flushed end
  // (then a later call may find more). Errors: kCorruptLog with the LSN of the damage,
  // kLsnTruncated when truncateBefore has overtaken the scan, kLsnOutOfRange when no record starts
  // at `from`, kIo. After an error the reader is of no more use. Blocks for I/O; one thread at a
  // time.
  Status Next(RecordBatch* batch);

  Lsn position() const { return position_; }

 private:
  Status ParseWindow(RecordBatch* batch);
  bool GatherFragment(const Fragment& fragment, RecordBatch* batch);
  Status Damage(Lsn lsn, const char* reason);
  Status Explain(Status status);

  SegmentFiles* const segments_;
  const Bounds bounds_;
  const Lsn to_;
  const bool start_is_known_;  // a record starts at `from`, or the log is damaged
  Lsn position_;
  FragmentSequence sequence_;
  ChunkStream stream_;
  // The pieces so far of a record in several pieces.
  std::vector<AlignedBuffer> gathered_;
  Lsn gathered_lsn_ = 0;
  uint16_t gathered_type_ = 0;
  size_t gathered_bytes_ = 0;
};

}  // namespace seawall

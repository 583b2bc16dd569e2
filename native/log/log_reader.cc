#include "log/log_reader.h"

#include <algorithm>

#include "base/bytes.h"

namespace seawall {

namespace {

// The LSN that byte 0 of a buffer stands for when the body of the record at `lsn` begins at
// `body_offset`.
Lsn BaseLsn(Lsn lsn, uint64_t body_offset) { return lsn + kRecordHeaderBytes - body_offset; }

}  // namespace

LogReader::LogReader(SegmentFiles* segments, std::unique_ptr<IoQueue> queue,
                     uint64_t read_bytes_max, uint32_t header_seed, uint32_t incarnation_max,
                     Bounds bounds, Lsn from, Lsn to)
    : segments_(segments),
      bounds_(std::move(bounds)),
      to_(to),
      start_is_known_(from == bounds_.oldest_lsn()),
      position_(from),
      sequence_(header_seed, 1, incarnation_max),
      stream_(segments, std::move(queue), from, read_bytes_max, ChunkStream::Unreadable::kFail) {}

Status LogReader::Next(RecordBatch* batch) {
  *batch = RecordBatch();
  batch->next_lsn = position_;
  Lsn limit = bounds_.flushed_lsn();
  while (position_ < std::min(limit, to_)) {
    Status status = ParseWindow(batch);
    if (!status.ok()) return Explain(std::move(status));
    if (batch->count() > 0) return Status::Ok();
    if (position_ >= std::min(limit, to_)) break;
    const Lsn seen_end = stream_.window().end();
    status = stream_.Advance(position_, limit);
    if (!status.ok()) return Explain(std::move(status));
    if (stream_.window().end() == seen_end) {
      return Explain(Damage(position_, "the record reaches beyond the durable end"));
    }
  }
  batch->next_lsn = position_;
  return Status::Ok();
}

// Collects the whole records of the window. Stops at a record in several pieces, which gets a batch
// of its own.
Status LogReader::ParseWindow(RecordBatch* batch) {
  const StreamWindow window = stream_.window();
  const uint8_t* const base = stream_.buffer_data();
  while (position_ < to_) {
    const FragmentSequence before = sequence_;
    const Fragment fragment = sequence_.Examine(window.data + (position_ - window.lsn),
                                                window.end() - position_, position_);
    if (fragment.verdict == FragmentVerdict::kNeedMoreBytes) break;
    if (fragment.verdict != FragmentVerdict::kAccepted) {
      // What was read before the damage is handed out first.
      if (batch->count() > 0) break;
      return Damage(position_, fragment.Reason());
    }
    if (sequence_.in_record() || !gathered_.empty()) {
      if (batch->count() > 0) {
        sequence_ = before;
        break;
      }
      if (GatherFragment(fragment, batch)) return Status::Ok();
      continue;
    }
    if (fragment.header.kind == layout::kind_record) {
      batch->index.push_back(static_cast<uint32_t>(fragment.body - base));
      batch->index.push_back(static_cast<uint32_t>(fragment.body_bytes()));
      batch->index.push_back(fragment.header.type);
    }
    position_ = fragment.next_lsn();
  }
  if (batch->count() == 0) return Status::Ok();
  batch->base_lsn = BaseLsn(window.lsn, window.data + kRecordHeaderBytes - base);
  batch->buffer_bytes = window.data + (position_ - window.lsn) - base;
  batch->next_lsn = position_;
  batch->buffer = stream_.TakeBuffer(position_);
  return Status::Ok();
}

// Adds one piece of a record in several pieces. True when it was the last one and `batch` holds the
// record.
bool LogReader::GatherFragment(const Fragment& fragment, RecordBatch* batch) {
  if (IsFirst(fragment.header)) {
    SEAWALL_ASSERT(gathered_.empty());
    gathered_lsn_ = fragment.lsn;
    gathered_type_ = fragment.header.type;
    gathered_bytes_ = 0;
  }
  AlignedBuffer piece(fragment.body_bytes(), layout::record_alignment_bytes);
  CopyBytes(piece.data(), fragment.body, fragment.body_bytes());
  gathered_bytes_ += fragment.body_bytes();
  gathered_.push_back(std::move(piece));
  position_ = fragment.next_lsn();
  if (!IsLast(fragment.header)) return false;
  AlignedBuffer whole(std::max<size_t>(gathered_bytes_, 1), layout::record_alignment_bytes);
  size_t at = 0;
  for (const AlignedBuffer& part : gathered_) {
    CopyBytes(whole.data() + at, part.data(), part.bytes());
    at += part.bytes();
  }
  gathered_.clear();
  batch->index = {0, static_cast<uint32_t>(gathered_bytes_), gathered_type_};
  batch->base_lsn = BaseLsn(gathered_lsn_, 0);
  batch->buffer_bytes = gathered_bytes_;
  batch->buffer = std::move(whole).Share();
  batch->next_lsn = position_;
  return true;
}

Status LogReader::Damage(Lsn lsn, const char* reason) {
  // The first LSN that a caller asks for may simply not be the start of a record.
  const bool may_be_no_record = sequence_.incarnation() == 0 && !start_is_known_;
  return Status::Error(may_be_no_record ? Code::kLsnOutOfRange : Code::kCorruptLog, reason)
      .WithLsn(lsn)
      .WithPath(segments_->PathOf(segments_->geometry().SegmentOf(lsn)));
}

// Bytes under a reader that truncateBefore has overtaken are reused, so anything may be found
// there.
Status LogReader::Explain(Status status) {
  const Lsn oldest = bounds_.oldest_lsn();
  const Lsn lsn = gathered_.empty() ? position_ : gathered_lsn_;
  if (lsn >= oldest)
    return status.lsn() == Status::kNoLsn ? std::move(status).WithLsn(lsn) : status;
  return Status::Error(Code::kLsnTruncated, "oldestLSN is now " + std::to_string(oldest))
      .WithLsn(lsn);
}

}  // namespace seawall

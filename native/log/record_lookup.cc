#include "log/record_lookup.h"

#include <algorithm>

#include "base/align.h"
#include "base/bytes.h"

namespace seawall {

namespace {

// Enough for most records in one read.
constexpr uint64_t kFirstReadBytes = 4096;

Status NoRecord(Lsn lsn, const char* reason) {
  return Status::Error(Code::kLsnOutOfRange, reason).WithLsn(lsn);
}

}  // namespace

// Bytes [lsn, lsn + bytes) of the stream, fewer when `limit` comes first.
Status RecordLookup::ReadStream(Lsn lsn, uint64_t bytes, Lsn limit,
                                std::vector<uint8_t>* data) const {
  if (lsn >= limit) return NoRecord(lsn, "beyond the durable end");
  const LogGeometry& geometry = segments_->geometry();
  const Lsn end = std::min(lsn + bytes, limit);
  data->resize(end - lsn);
  for (Lsn at = lsn; at < end;) {
    const uint64_t segment = geometry.SegmentOf(at);
    const Lsn piece_end = std::min(end, geometry.EndOf(segment));
    const Lsn io_start = geometry.BlockStart(at);
    const uint64_t io_bytes =
        AlignUp(piece_end - io_start, segments_->storage()->alignment().offset_bytes);
    std::shared_ptr<File> file;
    SEAWALL_RETURN_IF_ERROR(segments_->Get(segment, &file));
    AlignedBuffer buffer(io_bytes, segments_->storage()->alignment().memory_bytes);
    SEAWALL_RETURN_IF_ERROR(file->ReadAt(geometry.FileOffsetOf(io_start), buffer.data(), io_bytes));
    CopyBytes(data->data() + (at - lsn), buffer.data() + (at - io_start), piece_end - at);
    at = piece_end;
  }
  return Status::Ok();
}

Status RecordLookup::ReadFragment(Lsn lsn, Lsn limit, FragmentSequence* sequence,
                                  std::vector<uint8_t>* data, Fragment* fragment) const {
  SEAWALL_RETURN_IF_ERROR(ReadStream(lsn, kFirstReadBytes, limit, data));
  *fragment = sequence->Examine(data->data(), data->size(), lsn);
  if (fragment->verdict == FragmentVerdict::kNeedMoreBytes && data->size() >= kRecordHeaderBytes) {
    SEAWALL_RETURN_IF_ERROR(
        ReadStream(lsn, StreamBytes(fragment->header.record_bytes), limit, data));
    *fragment = sequence->Examine(data->data(), data->size(), lsn);
  }
  return Status::Ok();
}

Status RecordLookup::Read(Lsn lsn, Lsn limit, RecordCopy* record) const {
  FragmentSequence sequence(header_seed_, 1, incarnation_max_);
  std::vector<uint8_t> data;
  *record = RecordCopy();
  record->lsn = lsn;
  Lsn at = lsn;
  do {
    Fragment fragment;
    SEAWALL_RETURN_IF_ERROR(ReadFragment(at, limit, &sequence, &data, &fragment));
    if (fragment.verdict != FragmentVerdict::kAccepted) {
      const bool is_record = at > lsn || fragment.verdict == FragmentVerdict::kBodyMismatch;
      if (!is_record) return NoRecord(lsn, fragment.Reason());
      return Status::Error(Code::kCorruptLog, fragment.Reason()).WithLsn(at);
    }
    if (fragment.header.kind != layout::kind_record)
      return NoRecord(lsn, "a record of the log itself");
    record->type = fragment.header.type;
    record->body.insert(record->body.end(), fragment.body, fragment.body + fragment.body_bytes());
    at = fragment.next_lsn();
  } while (sequence.in_record());
  record->next_lsn = at;
  return Status::Ok();
}

Status RecordLookup::CheckStart(Lsn lsn, Lsn limit) const {
  std::vector<uint8_t> data;
  SEAWALL_RETURN_IF_ERROR(ReadStream(lsn, kRecordHeaderBytes, limit, &data));
  layout::RecordHeader header;
  if (data.size() < kRecordHeaderBytes) return NoRecord(lsn, "beyond the durable end");
  const HeaderVerdict verdict = CheckRecordHeader(data.data(), header_seed_, lsn, &header);
  if (verdict != HeaderVerdict::kValid) return NoRecord(lsn, HeaderVerdictName(verdict));
  return IsFirst(header) ? Status::Ok() : NoRecord(lsn, "the middle of a record");
}

}  // namespace seawall

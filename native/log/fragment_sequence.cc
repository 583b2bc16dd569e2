#include "log/fragment_sequence.h"

namespace seawall {

const char* Fragment::Reason() const {
  switch (verdict) {
    case FragmentVerdict::kAccepted:
      return "valid";
    case FragmentVerdict::kNeedMoreBytes:
      return "the log's files end inside a record";
    case FragmentVerdict::kHeaderInvalid:
      return HeaderVerdictName(header_verdict);
    case FragmentVerdict::kBodyMismatch:
      return "body checksum mismatch";
    case FragmentVerdict::kStaleIncarnation:
      return "record of an earlier incarnation";
    case FragmentVerdict::kForeignIncarnation:
      return "record of an incarnation that the log does not know";
    case FragmentVerdict::kOutOfSequence:
      return "fragment out of sequence";
  }
  SEAWALL_ASSERT(false && "unknown verdict");
}

FragmentVerdict FragmentSequence::CheckOrder(const layout::RecordHeader& header) const {
  if (header.incarnation > incarnation_max_) return FragmentVerdict::kForeignIncarnation;
  if (header.incarnation < incarnation_min_) return FragmentVerdict::kStaleIncarnation;
  if (incarnation_ != 0) {
    if (header.incarnation < incarnation_) return FragmentVerdict::kStaleIncarnation;
    const bool starts_incarnation = header.kind == layout::kind_incarnation;
    if ((header.incarnation > incarnation_) != starts_incarnation)
      return FragmentVerdict::kForeignIncarnation;
  }
  if (IsFirst(header) == in_record_) return FragmentVerdict::kOutOfSequence;
  return FragmentVerdict::kAccepted;
}

Fragment FragmentSequence::Examine(const uint8_t* data, size_t bytes, Lsn lsn) {
  Fragment fragment;
  fragment.lsn = lsn;
  if (bytes < kRecordHeaderBytes) return fragment;
  fragment.header_verdict = CheckRecordHeader(data, header_seed_, lsn, &fragment.header);
  if (fragment.header_verdict != HeaderVerdict::kValid) {
    fragment.verdict = FragmentVerdict::kHeaderInvalid;
    return fragment;
  }
  // Order before body: the body of a stale record need not be there any more.
  fragment.verdict = CheckOrder(fragment.header);
  if (fragment.verdict != FragmentVerdict::kAccepted) return fragment;
  if (bytes < StreamBytes(fragment.header.record_bytes)) {
    fragment.verdict = FragmentVerdict::kNeedMoreBytes;
    return fragment;
  }
  fragment.body = data + kRecordHeaderBytes;
  if (!BodyMatches(fragment.header, fragment.body)) {
    fragment.verdict = FragmentVerdict::kBodyMismatch;
    return fragment;
  }
  incarnation_ = fragment.header.incarnation;
  in_record_ = !IsLast(fragment.header);
  return fragment;
}

}  // namespace seawall

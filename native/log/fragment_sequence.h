// FragmentSequence: the rules by which one fragment may follow another. Recovery and readers share
// it. Pure.
#pragma once

#include <cstdint>

#include "format/record_header.h"

namespace seawall {

enum class FragmentVerdict : uint8_t {
  kAccepted,
  kNeedMoreBytes,       // the window ends inside the fragment
  kHeaderInvalid,       // see header_verdict
  kBodyMismatch,        // header right, body checksum wrong
  kStaleIncarnation,    // written by an earlier open than what stands before it
  kForeignIncarnation,  // a later open than the log knows of, or one without its first record
  kOutOfSequence,       // a fragment without its beginning, or a beginning inside another record
};

struct Fragment {
  Lsn lsn = 0;
  layout::RecordHeader header = {};
  const uint8_t* body = nullptr;
  FragmentVerdict verdict = FragmentVerdict::kNeedMoreBytes;
  HeaderVerdict header_verdict = HeaderVerdict::kValid;

  uint64_t body_bytes() const { return header.record_bytes - kRecordHeaderBytes; }
  Lsn next_lsn() const { return lsn + StreamBytes(header.record_bytes); }
  // Why it was not accepted, in words.
  const char* Reason() const;
};

class FragmentSequence {
 public:
  // Only incarnations from `incarnation_min` to `incarnation_max` may appear. The first fragment
  // sets the current one.
  FragmentSequence(uint32_t header_seed, uint32_t incarnation_min, uint32_t incarnation_max)
      : header_seed_(header_seed),
        incarnation_min_(incarnation_min),
        incarnation_max_(incarnation_max) {}

  // Looks at the fragment at `lsn` in data[0, bytes). The state moves on only when it is accepted.
  Fragment Examine(const uint8_t* data, size_t bytes, Lsn lsn);

  uint32_t incarnation() const { return incarnation_; }
  // True between the first and the last fragment of a record.
  bool in_record() const { return in_record_; }

 private:
  FragmentVerdict CheckOrder(const layout::RecordHeader& header) const;

  uint32_t header_seed_;
  uint32_t incarnation_min_;
  uint32_t incarnation_max_;
  uint32_t incarnation_ = 0;  // 0: not known yet
  bool in_record_ = false;
};

}  // namespace seawall

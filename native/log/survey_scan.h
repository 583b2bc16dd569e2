// SurveyScan: everything that stands in the files of a log, in order and without holes: fragments,
// and gaps in which none was found. Goes on behind damage.
#pragma once

#include <memory>
#include <vector>

#include "format/record_header.h"
#include "log/chunk_stream.h"
#include "log/log_survey.h"

namespace seawall {

// The order is known to lib/inspection/survey/survey-rows.ts.
enum class SurveyVerdict : uint8_t {
  kGood,
  kBodyMismatch,        // the header is right, the body's checksum is not
  kEarlierIncarnation,  // written by an earlier open than what stands before it
  kUnknownIncarnation,  // by a later one than the master record knows of
  kUnannounced,         // by a later one whose first record is not there
  kGap,                 // no record begins anywhere in [lsn, next_lsn)
};

// Why a gap begins. The first values are those of HeaderVerdict; known to survey-rows.ts too.
enum class GapReason : uint8_t {
  kValid,  // never
  kZeros,
  kBadLength,
  kBadChecksum,
  kBadKind,
  kCutOff,      // a header whose body the files do not have any more
  kUnreadable,  // the drive does not give the bytes
  kMissing,     // there is no file, or it is too short
};

struct SurveyRow {
  SurveyVerdict verdict = SurveyVerdict::kGood;
  GapReason reason = GapReason::kValid;
  bool only_zeros = false;  // of a gap
  Lsn lsn = 0;
  Lsn next_lsn = 0;
  layout::RecordHeader header = {};
  Lsn promise_lsn = 0;
  uint64_t body_offset = 0;  // in the batch's buffer
  uint64_t body_bytes = 0;
};

struct SurveyBatch {
  std::shared_ptr<uint8_t> buffer;  // null when no row has a body
  size_t buffer_bytes = 0;
  std::vector<SurveyRow> rows;  // empty: the scan is over
};

class SurveyScan {
 public:
  // Everything that begins in [from, to), and the other pieces of a record that does; a gap ends at
  // `to`. `from` need not be the start of a
  // record: what stands before the first one is a gap then. The survey outlives the scan.
  SurveyScan(const LogSurvey* survey, Lsn from, Lsn to);

  // The next rows; none: the scan is over. Fails only for what says nothing about the log. Blocks;
  // one thread at a time.
  Status Next(SurveyBatch* batch);

 private:
  bool IsThrough() const;
  Status NewStream(Lsn start, bool careful);
  void TakeRows(SurveyBatch* batch);
  bool TakeFragment(const uint8_t* data, size_t bytes, uint64_t offset, SurveyBatch* batch);
  SurveyVerdict Judge(const layout::RecordHeader& header, const uint8_t* body) const;
  bool Search(const uint8_t* data, size_t bytes);
  Status SkipUnreadable();
  Lsn BehindBlock(Lsn lsn) const;
  Lsn NextSegmentFrom(uint64_t number) const;
  void OpenGap(GapReason reason);
  void CloseGap(Lsn end, SurveyBatch* batch);

  const LogSurvey* const survey_;
  const uint32_t header_seed_;
  const uint32_t incarnation_max_;
  const Lsn files_end_;
  const Lsn to_;
  std::unique_ptr<ChunkStream> stream_;
  bool is_careful_ = false;   // the stream reads block by block
  Lsn careful_until_ = 0;     // something could not be read below
  Lsn at_;                    // everything before is in some row, or in the open gap
  uint32_t incarnation_ = 0;  // of the last fragment that belongs here; 0: none yet
  bool in_record_ = false;    // more pieces of the last fragment's record are to come
  bool after_gap_ = true;     // an incarnation may have begun unseen
  bool in_gap_ = false;
  Lsn gap_start_ = 0;
  GapReason gap_reason_ = GapReason::kValid;
  bool gap_zeros_ = false;
};

}  // namespace seawall

#include "log/survey_scan.h"

#include <algorithm>

#include "base/bytes.h"

namespace seawall {

namespace {

constexpr uint32_t kReadsInFlight = 4;
constexpr uint64_t kReadBytesMax = uint64_t{1} << 20;

// Cheap, and wrong for all but one in a thousand positions: most of a gap is passed by it alone.
bool MayBeHeader(const uint8_t* at) {
  const auto record_bytes =
      LoadLittleEndian<uint32_t>(at + offsetof(layout::RecordHeader, record_bytes));
  return record_bytes >= kRecordHeaderBytes &&
         record_bytes <= kRecordHeaderBytes + layout::fragment_body_bytes_max;
}

GapReason ReasonOf(HeaderVerdict verdict) {
  switch (verdict) {
    case HeaderVerdict::kValid:
      return GapReason::kValid;
    case HeaderVerdict::kZeros:
      return GapReason::kZeros;
    case HeaderVerdict::kBadLength:
      return GapReason::kBadLength;
    case HeaderVerdict::kBadChecksum:
      return GapReason::kBadChecksum;
    case HeaderVerdict::kBadKind:
      return GapReason::kBadKind;
  }
  SEAWALL_ASSERT(false && "unknown verdict");
}

}  // namespace

SurveyScan::SurveyScan(const LogSurvey* survey, Lsn from, Lsn to)
    : survey_(survey),
      header_seed_(HeaderSeed(survey->findings().log_id)),
      incarnation_max_(survey->findings().incarnation_max),
      files_end_(survey->findings().files_end_lsn),
      to_(std::min(to, files_end_)),
      at_(AlignUp(from, layout::record_alignment_bytes)) {
  // However many segments there are, a scan has only those open that it reads.
  survey->segments()->ForgetBelow(UINT64_MAX);
}

Status SurveyScan::NewStream(Lsn start, bool careful) {
  std::unique_ptr<IoQueue> queue;
  // Waits for the reads of the stream before.
  stream_.reset();
  SEAWALL_RETURN_IF_ERROR(survey_->storage()->NewQueue(kReadsInFlight, &queue));
  const uint64_t read_bytes_max =
      careful ? survey_->findings().geometry.block_bytes : kReadBytesMax;
  stream_ = std::make_unique<ChunkStream>(survey_->segments(), std::move(queue), start,
                                          read_bytes_max, ChunkStream::Unreadable::kReplace);
  is_careful_ = careful;
  return Status::Ok();
}

Status SurveyScan::Next(SurveyBatch* batch) {
  *batch = SurveyBatch();
  while (batch->rows.empty() && !IsThrough()) {
    if (stream_ == nullptr || (is_careful_ && at_ >= careful_until_))
      SEAWALL_RETURN_IF_ERROR(NewStream(at_, false));
    survey_->segments()->ForgetBelow(survey_->findings().geometry.SegmentOf(at_));
    const Lsn seen_end = stream_->window().end();
    Status advanced = stream_->Advance(at_, files_end_);
    if (!advanced.ok()) {
      SEAWALL_RETURN_IF_ERROR(SkipUnreadable());
    } else if (stream_->window().end() == seen_end) {
      // The files end inside of what stands here.
      OpenGap(GapReason::kCutOff);
      at_ = files_end_;
    } else {
      TakeRows(batch);
    }
  }
  if (IsThrough()) CloseGap(to_, batch);
  return Status::Ok();
}

bool SurveyScan::IsThrough() const {
  if (at_ < to_) return false;
  return !in_record_ || in_gap_ || at_ >= files_end_;
}

// Takes what is whole in the window; what is not stays, at at_.
void SurveyScan::TakeRows(SurveyBatch* batch) {
  const StreamWindow& window = stream_->window();
  const uint8_t* const base = stream_->buffer_data();
  bool has_bodies = false;
  while (!IsThrough()) {
    const uint8_t* const data = window.data + (at_ - window.lsn);
    const size_t bytes = window.end() - at_;
    if (in_gap_ && !Search(data, bytes)) break;
    const uint8_t* const found = window.data + (at_ - window.lsn);
    if (!TakeFragment(found, window.end() - at_, found - base, batch)) break;
    if (!batch->rows.empty() && batch->rows.back().body_bytes > 0) has_bodies = true;
  }
  if (!has_bodies) return;
  batch->buffer_bytes = window.data + (std::min(at_, window.end()) - window.lsn) - base;
  batch->buffer = stream_->TakeBuffer(std::min(at_, window.end()));
}

// False: more bytes are needed.
bool SurveyScan::TakeFragment(const uint8_t* data, size_t bytes, uint64_t offset,
                              SurveyBatch* batch) {
  if (bytes < kRecordHeaderBytes) return false;
  SurveyRow row;
  const HeaderVerdict verdict = CheckRecordHeader(data, header_seed_, at_, &row.header);
  if (verdict != HeaderVerdict::kValid) {
    OpenGap(ReasonOf(verdict));
    return true;
  }
  if (at_ >= to_ && IsFirst(row.header)) {
    in_record_ = false;
    return true;
  }
  const uint64_t stream_bytes = StreamBytes(row.header.record_bytes);
  if (bytes < stream_bytes) return false;
  CloseGap(at_, batch);
  row.lsn = at_;
  row.next_lsn = at_ + stream_bytes;
  row.promise_lsn = PromiseOf(row.header, at_);
  row.body_offset = offset + kRecordHeaderBytes;
  row.body_bytes = row.header.record_bytes - kRecordHeaderBytes;
  row.verdict = Judge(row.header, data + kRecordHeaderBytes);
  if (row.verdict != SurveyVerdict::kEarlierIncarnation &&
      row.verdict != SurveyVerdict::kUnknownIncarnation) {
    incarnation_ = row.header.incarnation;
    after_gap_ = false;
    in_record_ = !IsLast(row.header);
  }
  batch->rows.push_back(row);
  at_ = row.next_lsn;
  return true;
}

// As FragmentSequence does, but whoever reads the rows puts pieces together, and goes on.
SurveyVerdict SurveyScan::Judge(const layout::RecordHeader& header, const uint8_t* body) const {
  if (header.incarnation > incarnation_max_) return SurveyVerdict::kUnknownIncarnation;
  if (header.incarnation < incarnation_) return SurveyVerdict::kEarlierIncarnation;
  const bool starts = header.kind == layout::kind_incarnation;
  const bool begins_unseen = incarnation_ == 0 || (after_gap_ && !starts);
  if (!begins_unseen && (header.incarnation > incarnation_) != starts)
    return SurveyVerdict::kUnannounced;
  return BodyMatches(header, body) ? SurveyVerdict::kGood : SurveyVerdict::kBodyMismatch;
}

// Moves on to the next header. False: there is none in these bytes.
bool SurveyScan::Search(const uint8_t* data, size_t bytes) {
  const uint64_t step = layout::record_alignment_bytes;
  const Lsn start = at_;
  layout::RecordHeader header;
  bool found = false;
  size_t at = 0;
  for (; at + kRecordHeaderBytes <= bytes && start + at < to_; at += step) {
    if (!MayBeHeader(data + at)) continue;
    found =
        CheckRecordHeader(data + at, header_seed_, start + at, &header) == HeaderVerdict::kValid;
    if (found) break;
  }
  at_ = start + at;
  gap_zeros_ = gap_zeros_ && AllZero(data, at);
  return found;
}

// The stream could not go on. First block by block up to the one that is the cause; then behind it.
Status SurveyScan::SkipUnreadable() {
  const LogGeometry& geometry = survey_->findings().geometry;
  const Lsn failed = stream_->window().end();
  const uint64_t number = geometry.SegmentOf(failed);
  std::shared_ptr<File> file;
  uint64_t file_bytes = 0;
  Status opened = survey_->segments()->Get(number, &file);
  if (opened.ok()) opened = file->Size(&file_bytes);
  const uint64_t block_end =
      geometry.FileOffsetOf(geometry.BlockStart(failed)) + geometry.block_bytes;
  const bool is_missing = !opened.ok() || block_end > file_bytes;
  if (!is_missing && !is_careful_) {
    careful_until_ = geometry.EndOf(number);
    return NewStream(at_, true);
  }
  OpenGap(is_missing ? GapReason::kMissing : GapReason::kUnreadable);
  gap_zeros_ = false;
  at_ = std::min(is_missing ? NextSegmentFrom(number) : BehindBlock(failed), files_end_);
  careful_until_ = std::max(careful_until_, at_);
  return NewStream(at_, at_ < careful_until_);
}

Lsn SurveyScan::BehindBlock(Lsn lsn) const {
  const LogGeometry& geometry = survey_->findings().geometry;
  const uint64_t block_bytes = geometry.block_bytes;
  return std::min(geometry.BlockStart(lsn) + block_bytes, geometry.EndOf(geometry.SegmentOf(lsn)));
}

// Where the next segment file behind `number` begins.
Lsn SurveyScan::NextSegmentFrom(uint64_t number) const {
  for (const SegmentSurvey& segment : survey_->findings().segments) {
    if (segment.number > number) return survey_->findings().geometry.StartOf(segment.number);
  }
  return files_end_;
}

void SurveyScan::OpenGap(GapReason reason) {
  if (in_gap_) return;
  in_gap_ = true;
  after_gap_ = true;
  gap_start_ = at_;
  gap_reason_ = reason;
  gap_zeros_ = true;
}

void SurveyScan::CloseGap(Lsn end, SurveyBatch* batch) {
  if (!in_gap_) return;
  in_gap_ = false;
  SurveyRow row;
  row.verdict = SurveyVerdict::kGap;
  row.reason = gap_reason_;
  row.only_zeros = gap_zeros_;
  row.lsn = gap_start_;
  row.next_lsn = end;
  if (row.lsn < row.next_lsn) batch->rows.push_back(row);
}

}  // namespace seawall

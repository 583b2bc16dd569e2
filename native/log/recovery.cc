#include "log/recovery.h"

#include <algorithm>

#include "log/chunk_stream.h"
#include "log/tail_decision.h"

namespace seawall {

namespace {

constexpr uint32_t kReadsInFlight = 4;

class TailRecovery {
 public:
  TailRecovery(const MasterFields& master, SegmentFiles* segments, uint64_t read_bytes_max,
               const OpenProgress& progress)
      : master_(master),
        segments_(segments),
        read_bytes_max_(read_bytes_max),
        progress_(progress),
        header_seed_(HeaderSeed(master_.log_id)),
        last_segment_(master_.last_segment) {}

  Status CheckSegmentsExist();
  Status SyncTail();
  Status Scan(RecoveryReport* report);
  Status Decide(RecoveryReport* report);

 private:
  Status NewStream(Lsn start, std::unique_ptr<ChunkStream>* stream);
  Status LookAhead();
  void Progress(OpenPhase phase, uint64_t done, uint64_t total) {
    if (progress_) progress_(phase, done, total);
  }

  const MasterFields master_;
  SegmentFiles* const segments_;
  const uint64_t read_bytes_max_;
  const OpenProgress& progress_;
  const uint32_t header_seed_;
  uint64_t last_segment_;  // at least the master's
  Lsn files_end_ = 0;      // its end
  TailFindings findings_;
};

// Numbers are consecutive, so a missing file is a gap; which files must be there stands in the
// master record.
Status TailRecovery::CheckSegmentsExist() {
  std::vector<uint64_t> numbers;
  std::vector<std::string> temporary_names;
  SEAWALL_RETURN_IF_ERROR(segments_->List(&numbers, &temporary_names));
  const LogGeometry& geometry = segments_->geometry();
  for (uint64_t number = geometry.SegmentOf(master_.oldest_lsn); number <= master_.last_segment;
       number++) {
    if (std::binary_search(numbers.begin(), numbers.end(), number)) continue;
    return Status::Error(Code::kCorruptLog, "a segment of the log is missing")
        .WithPath(segments_->PathOf(number))
        .WithLsn(std::max(geometry.StartOf(number), master_.oldest_lsn));
  }
  // A segment gets its name before the master record gets its number. If the slot with the newer
  // number is damaged, the log may go on in it.
  while (std::binary_search(numbers.begin(), numbers.end(), last_segment_ + 1)) last_segment_ += 1;
  files_end_ = geometry.EndOf(last_segment_);
  return Status::Ok();
}

Status TailRecovery::SyncTail() {
  const LogGeometry& geometry = segments_->geometry();
  const uint64_t first = std::min(geometry.SegmentOf(master_.promise_lsn), last_segment_);
  for (uint64_t number = first; number <= last_segment_; number++) {
    Progress(OpenPhase::kSyncing, number - first, last_segment_ - first + 1);
    std::shared_ptr<File> file;
    SEAWALL_RETURN_IF_ERROR(segments_->Get(number, &file));
    SEAWALL_RETURN_IF_ERROR(file->Sync());
  }
  return segments_->storage()->SyncDirectory(segments_->directory());
}

Status TailRecovery::NewStream(Lsn start, std::unique_ptr<ChunkStream>* stream) {
  std::unique_ptr<IoQueue> queue;
  SEAWALL_RETURN_IF_ERROR(segments_->storage()->NewQueue(kReadsInFlight, &queue));
  *stream = std::make_unique<ChunkStream>(segments_, std::move(queue), start, read_bytes_max_,
                                          ChunkStream::Unreadable::kReplace);
  return Status::Ok();
}

Status TailRecovery::Scan(RecoveryReport* report) {
  // The promise was renewed when the newest incarnation began, so only its own records can stand
  // behind it. Whatever an earlier one left there was cut off then and must not come back.
  SEAWALL_ASSERT(master_.promise_lsn >= master_.incarnation_start_lsn);
  FragmentSequence sequence(header_seed_, master_.incarnation, master_.incarnation);
  std::unique_ptr<ChunkStream> stream;
  SEAWALL_RETURN_IF_ERROR(NewStream(master_.promise_lsn, &stream));
  Lsn at = master_.promise_lsn;
  findings_.end_lsn = at;
  Fragment fragment;
  fragment.lsn = at;
  while (true) {
    const Lsn seen_end = stream->window().end();
    SEAWALL_RETURN_IF_ERROR(stream->Advance(at, files_end_));
    if (stream->window().end() == seen_end) break;
    Progress(OpenPhase::kScanning, at - master_.promise_lsn, files_end_ - master_.promise_lsn);
    const StreamWindow& window = stream->window();
    while (true) {
      fragment = sequence.Examine(window.data + (at - window.lsn), window.end() - at, at);
      if (fragment.verdict != FragmentVerdict::kAccepted) break;
      at = fragment.next_lsn();
      report->promise_lsn = std::max(report->promise_lsn, PromiseOf(fragment.header, fragment.lsn));
      if (sequence.in_record()) continue;
      findings_.end_lsn = at;
      if (fragment.header.kind == layout::kind_record) report->scanned_records += 1;
    }
    if (fragment.verdict != FragmentVerdict::kNeedMoreBytes) break;
  }
  findings_.stop_lsn = at;
  findings_.stop_verdict = fragment.verdict;
  findings_.stop_reason = fragment.Reason();
  return Status::Ok();
}

Status TailRecovery::LookAhead() {
  // The bytes at the stop itself count as written when its header is right: then only its body is
  // torn.
  const Lsn limit = std::min(files_end_, findings_.stop_lsn + 2 * master_.in_flight_max_bytes);
  std::unique_ptr<ChunkStream> stream;
  SEAWALL_RETURN_IF_ERROR(NewStream(findings_.stop_lsn, &stream));
  Lsn at = findings_.stop_lsn;
  while (true) {
    const Lsn seen_end = stream->window().end();
    SEAWALL_RETURN_IF_ERROR(stream->Advance(at, limit));
    const StreamWindow& window = stream->window();
    if (window.end() == seen_end) return Status::Ok();
    CollectEvidence(window.data, window.bytes, window.lsn, header_seed_, master_.incarnation,
                    &findings_.evidence);
    // A header may lie across the edge of the window: its beginning is looked at again with the
    // next chunk.
    const uint64_t rest =
        std::min<uint64_t>(window.bytes, kRecordHeaderBytes - layout::record_alignment_bytes);
    at = window.end() - rest;
  }
}

Status TailRecovery::Decide(RecoveryReport* report) {
  findings_.master_clean = master_.clean;
  findings_.master_promise_lsn = master_.promise_lsn;
  findings_.master_incarnation = master_.incarnation;
  // A log that was closed in order has nothing behind its end, and the master record says where
  // that is.
  const bool ended_in_order = master_.clean && findings_.stop_lsn == master_.promise_lsn;
  if (!ended_in_order) SEAWALL_RETURN_IF_ERROR(LookAhead());
  const TailOutcome outcome = DecideTail(findings_);
  report->promise_lsn =
      std::max({report->promise_lsn, master_.promise_lsn, findings_.evidence.promise_lsn});
  switch (outcome.verdict) {
    case TailVerdict::kDamaged:
      return Status::Error(Code::kCorruptLog, outcome.reason)
          .WithLsn(findings_.stop_lsn)
          .WithPath(segments_->PathOf(segments_->geometry().SegmentOf(findings_.stop_lsn)));
    case TailVerdict::kMasterOlder:
      return Status::Error(Code::kLogMismatch, outcome.reason).WithLsn(findings_.end_lsn);
    case TailVerdict::kClean:
    case TailVerdict::kTorn:
      break;
  }
  report->decision =
      outcome.verdict == TailVerdict::kTorn ? TailDecision::kTornTail : TailDecision::kCleanEnd;
  report->closed_cleanly = master_.clean;
  report->incarnation = master_.incarnation;
  report->oldest_lsn = master_.oldest_lsn;
  report->last_segment = last_segment_;
  report->end_lsn = outcome.end_lsn;
  report->scanned_from_lsn = master_.promise_lsn;
  report->cut_bytes = outcome.cut_bytes;
  report->reason = outcome.reason;
  return Status::Ok();
}

}  // namespace

Status RecoverTail(MasterFile* master, SegmentFiles* segments, const std::string& log_directory,
                   uint64_t read_bytes_max, const OpenProgress& progress, RecoveryReport* report) {
  SEAWALL_RETURN_IF_ERROR(master->Sync());
  SEAWALL_RETURN_IF_ERROR(segments->storage()->SyncDirectory(log_directory));
  TailRecovery recovery(master->fields(), segments, read_bytes_max, progress);
  SEAWALL_RETURN_IF_ERROR(recovery.CheckSegmentsExist());
  SEAWALL_RETURN_IF_ERROR(recovery.SyncTail());
  SEAWALL_RETURN_IF_ERROR(recovery.Scan(report));
  return recovery.Decide(report);
}

Status FindTail(const MasterFields& master, SegmentFiles* segments, uint64_t read_bytes_max,
                RecoveryReport* report) {
  const OpenProgress no_progress;
  TailRecovery recovery(master, segments, read_bytes_max, no_progress);
  SEAWALL_RETURN_IF_ERROR(recovery.CheckSegmentsExist());
  SEAWALL_RETURN_IF_ERROR(recovery.Scan(report));
  return recovery.Decide(report);
}

}  // namespace seawall

#include "log_session.h"

#include <algorithm>
#include <cstdio>

#include "device/simulated_queue.h"

namespace seawall::crash {

namespace {

// More than a recovery may ever write: two segments, the master record a few times.
constexpr uint64_t kRecoveryBytesMax = 4 * kSegmentBytes + (uint64_t{128} << 10);
constexpr uint64_t kFillBytesMin = 1100;
constexpr uint64_t kIdleUs = 200'000;

}  // namespace

LogSession::LogSession(std::shared_ptr<simulation::SimulatedDisk> disk, const Setup& setup,
                       LogModel model)
    : disk_(std::move(disk)), setup_(setup), model_(std::move(model)) {
  SetClock(1'000'000);
  // Otherwise the canary would sing before anything was crashed.
  does_not_check_stability = setup.lying_sync;
  disk_->reverse_completions = setup.reverse_completions;
  disk_->lying_sync = setup.lying_sync;
  disk_->observer = [this](const simulation::DeviceEvent&) { OnEvent(); };
}

LogSession::~LogSession() {
  log_.reset();
  disk_->observer = nullptr;
}

void LogSession::OnEvent() {
  events_ += 1;
  if (log_ != nullptr) {
    // What others can see is a promise, whether or not the call has returned.
    model_.Acknowledge(log_->flushed_lsn());
    if (!broken_at_event_) CheckStable();
  }
  if (at_event) at_event();
}

void LogSession::CheckStable() {
  if (does_not_check_stability) return;
  const Lsn flushed = log_->flushed_lsn();
  if (flushed < flushed_seen_) {
    broken_at_event_ = {"I7", "the flushed LSN went back to " + std::to_string(flushed)};
    return;
  }
  flushed_seen_ = flushed;
  const LogGeometry geometry = {kSegmentBytes, 4096};
  for (Lsn at = log_->oldest_lsn(); at < flushed;) {
    const uint64_t segment = geometry.SegmentOf(at);
    const Lsn end = std::min(flushed, geometry.EndOf(segment));
    char path[64];
    std::snprintf(path, sizeof(path), "%s/wal/%020llu.wal", kDirectory,
                  static_cast<unsigned long long>(segment));
    if (!disk_->IsStable(path, geometry.FileOffsetOf(at), end - at)) {
      broken_at_event_ = {"I7", "not every byte below the flushed LSN " + std::to_string(flushed) +
                                    " is on the medium"};
      return;
    }
    at = end;
  }
}

Verdict LogSession::Failed(const char* what) {
  if (broken_at_event_) return broken_at_event_;
  if (status_.ok()) return std::nullopt;
  return Violation{"I1", std::string(what) + ": " + status_.ToString()};
}

Verdict LogSession::Open() {
  RecoveryReport report;
  const uint64_t bytes_before = disk_->counters.write_bytes;
  const bool is_new = !disk_->Exists(std::string(kDirectory) + "/master");
  std::unique_ptr<Log> opened;
  status_ = Log::Open(simulation::NewSimulatedStorage(disk_), kDirectory, LogOptionsOf(setup_),
                      FixedEnvironment(), nullptr, nullptr, &opened, &report);
  if (Verdict broken = Failed("the log was refused")) return broken;
  if (disk_->counters.write_bytes - bytes_before > kRecoveryBytesMax && !is_new)
    return Violation{"I13", "recovery wrote more than two segments"};
  log_ = std::move(opened);
  log_->StartPolling(std::make_unique<simulation::SimulatedQueue>(disk_, 1));
  flushed_seen_ = 0;
  if (Verdict broken = model_.Expose(log_.get(), report)) return broken;
  appender_ = std::make_unique<RecordAppender>(log_->ring(), log_->flushed_lsn());
  CheckStable();
  OnEvent();
  return Failed("");
}

Verdict LogSession::Run(Step step, bool* changed) {
  const uint32_t events = events_;
  const uint32_t number = model_.next_number();
  Verdict broken;
  switch (step) {
    case Step::kAppendTiny:
      broken = Append(5, 5);
      break;
    case Step::kAppendSector:
      broken = Append(600, 600);
      break;
    case Step::kAppendBlocks:
      broken = AppendToBlockEnd();
      break;
    case Step::kAppendFragments:
      broken = Append(4000, 1500);
      break;
    case Step::kFlush:
      broken = Flush();
      break;
    case Step::kTruncate:
      broken = Truncate();
      break;
    case Step::kBackground:
      broken = Background();
      break;
    case Step::kCheckpoint:
      broken = Checkpoint();
      break;
    case Step::kReopen:
      broken = Reopen();
      break;
    case Step::kSubmit:
      log_->Publish(appender_->end_lsn(), 1);
      status_ = log_->poison();
      broken = Failed("submit");
      break;
    case Step::kPoll:
      log_->Poll();
      status_ = log_->poison();
      broken = Failed("poll");
      break;
  }
  *changed = events_ != events || model_.next_number() != number;
  if (broken) return broken;
  OnEvent();
  return Failed("");
}

Status LogSession::MakeRoom(Lsn end) {
  for (int turn = 0; static_cast<double>(end) > log_->control()->append_limit_lsn; turn++) {
    SEAWALL_RETURN_IF_ERROR(log_->FlushSync(appender_->end_lsn()));
    SEAWALL_RETURN_IF_ERROR(log_->RunBackgroundOnce());
    if (turn > 2) return Status::Error(Code::kLogFull, "no room");
  }
  return Status::Ok();
}

Verdict LogSession::Append(uint32_t bytes, uint32_t piece_bytes) {
  Lsn end = appender_->end_lsn();
  for (uint32_t at = 0; at < bytes; at += piece_bytes)
    end += StreamBytes(kRecordHeaderBytes + std::min(piece_bytes, bytes - at));
  const uint32_t number = model_.Issue(appender_->end_lsn(), end, bytes);
  FillBody(number, bytes, &body_);
  uint32_t at = 0;
  do {
    RecordFrame frame;
    frame.body_bytes = std::min(piece_bytes, bytes - at);
    frame.flags = 0;
    if (at == 0) frame.flags |= layout::flag_first;
    if (at + frame.body_bytes == bytes) frame.flags |= layout::flag_last;
    status_ = MakeRoom(appender_->EndAfter(frame.body_bytes));
    if (Verdict broken = Failed("no room for a record")) return broken;
    appender_->Append(body_.data() + at, frame);
    at += static_cast<uint32_t>(frame.body_bytes);
  } while (at < bytes);
  return std::nullopt;
}

// So that what follows begins a block of its own: it may survive although this is lost, and stay
// where it is when the blocks before it are written again.
Verdict LogSession::AppendToBlockEnd() {
  const Lsn start = appender_->end_lsn();
  const Lsn end = AlignUp(start + kFillBytesMin, 4096);
  const auto bytes = static_cast<uint32_t>(end - start - kRecordHeaderBytes);
  return Append(bytes, bytes);
}

Verdict LogSession::Flush() {
  status_ = log_->FlushSync(appender_->end_lsn());
  if (status_.ok()) model_.Acknowledge(appender_->end_lsn());
  return Failed("flush");
}

Verdict LogSession::Truncate() {
  const IssuedRecord* const newest = model_.NewestAcknowledged();
  if (newest == nullptr || newest->lsn <= log_->oldest_lsn()) return std::nullopt;
  model_.RequestTruncate(newest->lsn);
  status_ = log_->TruncateBefore(newest->lsn);
  if (status_.ok()) model_.ConfirmTruncate();
  return Failed("truncate");
}

Verdict LogSession::Background() {
  SetClock(Clock() + kIdleUs);
  status_ = log_->RunBackgroundOnce();
  return Failed("background");
}

Verdict LogSession::Checkpoint() {
  const IssuedRecord* const newest = model_.NewestAcknowledged();
  if (newest == nullptr || newest->lsn < log_->oldest_lsn()) return std::nullopt;
  model_.RequestCheckpoint(newest->lsn);
  status_ = log_->SetCheckpoint(newest->lsn);
  if (status_.ok()) model_.ConfirmCheckpoint();
  return Failed("checkpoint");
}

Verdict LogSession::Reopen() {
  log_->Publish(appender_->end_lsn(), 0);
  log_->AwaitPolled();
  status_ = log_->Close();
  if (Verdict broken = Failed("close")) return broken;
  model_.Acknowledge(appender_->end_lsn());
  if (Verdict broken = End()) return broken;
  return Open();
}

Verdict LogSession::Probe() {
  const Lsn end = appender_->end_lsn();
  uint32_t bytes = 40;
  // A whole number of records may have been cut; the second one is the first that can line up.
  for (const IssuedRecord& cut : model_.cut()) {
    if (cut.lsn < end + StreamBytes(kRecordHeaderBytes + 8)) continue;
    if (cut.lsn - end <= 8192) bytes = static_cast<uint32_t>(cut.lsn - end - kRecordHeaderBytes);
    break;
  }
  if (Verdict broken = Append(bytes, bytes)) return broken;
  if (Verdict broken = Flush()) return broken;
  OnEvent();
  return Failed("");
}

Verdict LogSession::End() {
  appender_.reset();
  log_.reset();
  if (broken_at_event_) return broken_at_event_;
  if (disk_.use_count() > 1) return Violation{"I18", "a closed log holds on to its storage"};
  if (disk_->counters.changed_buffers != 0)
    return Violation{"I18", "a buffer changed while its write was in flight"};
  return std::nullopt;
}

}  // namespace seawall::crash

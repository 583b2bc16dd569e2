#include "log/log.h"

#include <algorithm>

#include "io/thread_signals.h"

namespace seawall {

namespace {

// Sleepers also look up on their own now and then, so that a missed wake-up could only ever cost
// this much.
constexpr int64_t kRecheckUs = 100000;

}  // namespace

Log::~Log() {
  AwaitPolled();
  StopThreads();
}

void Log::StopThreads() {
  stopping_.store(true, std::memory_order_seq_cst);
  writer_signal_.Notify();
  background_signal_.Notify();
  if (writer_thread_.joinable()) writer_thread_.join();
  if (background_thread_.joinable()) background_thread_.join();
}

// --- the appending thread ---

void Log::Publish(Lsn end, uint32_t waiters) {
  SEAWALL_ASSERT(writer_ != nullptr && end >= published_lsn_.load(std::memory_order_relaxed));
  waiters_.store(waiters, std::memory_order_relaxed);
  published_lsn_.store(end, std::memory_order_release);
  if (!BeginPolled()) writer_signal_.Notify();
}

Status Log::WaitForSpace(Lsn end) {
  SEAWALL_ASSERT(end - published_lsn_.load(std::memory_order_relaxed) <= ring_->bytes() / 2);
  return WaitUntil(end, [this, end] {
    return control_->append_limit_lsn.load(std::memory_order_acquire) >= static_cast<double>(end);
  });
}

Status Log::WaitForSegments(Lsn end) {
  return WaitUntil(end, [this, end] { return preparer_->prepared_end() >= end; });
}

Status Log::WaitUntil(Lsn end, const std::function<bool()>& is_met) {
  SEAWALL_ASSERT(writer_ != nullptr);
  if (end > layout::lsn_max) return Status::Error(Code::kLsnExhausted, "").WithLsn(end);
  AwaitPolled();
  const uint64_t started_us = environment_.monotonic_us();
  append_waits_.fetch_add(1, std::memory_order_relaxed);
  uint64_t attempts = 0;
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    wanted_segment_ = std::max(wanted_segment_, segments_->geometry().LastSegmentFor(end));
    prepare_retry_ = true;
    attempts = prepare_attempts_;
  }
  background_signal_.Notify();
  Status status;
  while (true) {
    const uint32_t epoch = space_signal_.epoch();
    status = poison();
    if (!status.ok() || is_met()) break;
    {
      std::lock_guard<std::mutex> lock(state_mutex_);
      const bool preparing_failed = prepare_attempts_ != attempts && !prepare_status_.ok();
      if (preparing_failed && preparer_->prepared_end() < end) {
        // What cannot be had is not wanted any more: the background thread must not try again for
        // nobody.
        wanted_segment_ = 0;
        status = prepare_status_;
        break;
      }
    }
    space_signal_.Wait(epoch, kRecheckUs);
  }
  append_wait_us_.fetch_add(environment_.monotonic_us() - started_us, std::memory_order_relaxed);
  return status;
}

Status Log::FlushSync(Lsn end) {
  SEAWALL_ASSERT(writer_ != nullptr && end >= published_lsn_.load(std::memory_order_relaxed));
  published_lsn_.store(end, std::memory_order_release);
  AwaitPolled();
  while (writer_->durable_lsn() < end) {
    if (poisoned_.load(std::memory_order_acquire)) return poison();
    const uint32_t epoch = durable_signal_.epoch();
    if (batch_mutex_.try_lock()) {
      const BatchOutcome outcome = WriteOneBatch();
      batch_mutex_.unlock();
      AfterBatch(outcome);
    } else if (writer_->durable_lsn() < end) {
      durable_signal_.Wait(epoch, kRecheckUs);
    }
  }
  // The other thread's batch is shown in the control block by the time that it gives the lock back.
  std::lock_guard<std::mutex> lock(batch_mutex_);
  return Status::Ok();
}

// --- batches ---

bool Log::HasWork() const {
  return !poisoned_.load(std::memory_order_acquire) &&
         published_lsn_.load(std::memory_order_acquire) > writer_->durable_lsn();
}

// REQUIRES: batch_mutex_ is held.
Log::BatchOutcome Log::WriteOneBatch() {
  if (!HasWork()) return BatchOutcome();
  return OutcomeOf(writer_->WriteBatch(published_lsn_.load(std::memory_order_acquire)));
}

// REQUIRES: batch_mutex_ is held since before the batch was built.
Log::BatchOutcome Log::OutcomeOf(Status written) {
  BatchOutcome outcome;
  outcome.status = std::move(written);
  if (!outcome.status.ok()) {
    outcome.newly_poisoned = MarkPoisoned(outcome.status);
    return outcome;
  }
  outcome.wrote = true;
  outcome.flushed_lsn = writer_->flushed_lsn();
  outcome.segment = segments_->geometry().SegmentOf(writer_->durable_lsn());
  outcome.rotated = outcome.segment > written_segment_;
  written_segment_ = outcome.segment;
  // Under the lock: batches are shown in their order.
  ControlBlock::Store(control_->flushed_lsn, outcome.flushed_lsn);
  return outcome;
}

// REQUIRES: no lock is held.
void Log::AfterBatch(const BatchOutcome& outcome, FlushedEvent flushed_event) {
  if (outcome.newly_poisoned) AnnouncePoison();
  if (!outcome.wrote) return;
  last_batch_us_.store(environment_.monotonic_us(), std::memory_order_relaxed);
  UpdateAppendLimit();
  durable_signal_.Notify();
  if (outcome.rotated || background_parked_.exchange(false, std::memory_order_acq_rel))
    background_signal_.Notify();
  // Pairs with ArmFlushed: either the appender sees the new flushed LSN, or this sees that it is
  // armed.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (flushed_armed_.load(std::memory_order_relaxed) && flushed_armed_.exchange(false)) {
    if (sink_ && flushed_event == FlushedEvent::kIsPosted)
      sink_(LogEvent::kFlushed, outcome.flushed_lsn);
  }
  if (outcome.rotated && sink_) sink_(LogEvent::kRotated, outcome.segment);
}

void Log::UpdateAppendLimit() {
  std::lock_guard<std::mutex> lock(limit_mutex_);
  // Under the lock, so that a limit computed before the poisoning can not be stored after it.
  if (poisoned_.load(std::memory_order_acquire)) return;
  const LogGeometry& geometry = segments_->geometry();
  // The block that the durable prefix ends in is written again with the next batch, so it must stay
  // in the ring.
  const Lsn ring_limit = geometry.BlockStart(writer_->durable_lsn()) + ring_->bytes();
  const Lsn limit = std::min({ring_limit, preparer_->prepared_end(), Lsn{layout::lsn_max}});
  ControlBlock::Store(control_->append_limit_lsn, limit);
  space_signal_.Notify();
}

bool Log::MarkPoisoned(const Status& cause) {
  SEAWALL_ASSERT(!cause.ok());
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    if (!poison_.ok()) return false;
    poison_ = cause;
    // Before anyone else is told that somebody was first: no batch may begin after that.
    poisoned_.store(true, std::memory_order_release);
  }
  std::lock_guard<std::mutex> lock(limit_mutex_);
  ControlBlock::Store(control_->append_limit_lsn, 0);
  ControlBlock::Store(control_->poisoned, 1);
  return true;
}

Status Log::poison() const {
  std::lock_guard<std::mutex> lock(state_mutex_);
  return poison_;
}

void Log::AnnouncePoison() {
  durable_signal_.Notify();
  space_signal_.Notify();
  if (sink_) sink_(LogEvent::kPoisoned, writer_->flushed_lsn());
}

// --- threads ---

Status Log::RunWriterOnce() {
  BatchOutcome outcome;
  {
    std::lock_guard<std::mutex> lock(batch_mutex_);
    outcome = WriteOneBatch();
  }
  AfterBatch(outcome);
  return outcome.status;
}

void Log::WriterLoop() {
  BlockAllSignalsOnThisThread();
  while (!stopping_.load(std::memory_order_acquire)) {
    const uint32_t epoch = writer_signal_.epoch();
    if (!HasWork()) {
      writer_signal_.Wait(epoch, -1);
      continue;
    }
    DelayForSiblings();
    // A failure is in poison_, and every waiter was told.
    Status status = RunWriterOnce();
    (void)status;
  }
}

// Group commit needs no timer: what arrives during a flush forms the next one. This is for those
// who want to trade latency for fewer flushes.
void Log::DelayForSiblings() {
  if (options_.commit_delay_us == 0 ||
      waiters_.load(std::memory_order_relaxed) < options_.commit_siblings)
    return;
  const uint64_t until_us = environment_.monotonic_us() + options_.commit_delay_us;
  while (!stopping_.load(std::memory_order_acquire)) {
    const uint32_t epoch = writer_signal_.epoch();
    const uint64_t now_us = environment_.monotonic_us();
    if (now_us >= until_us) return;
    writer_signal_.Wait(epoch, static_cast<int64_t>(until_us - now_us));
  }
}

void Log::BackgroundLoop() {
  BlockAllSignalsOnThisThread();
  while (!stopping_.load(std::memory_order_acquire)) {
    const uint32_t epoch = background_signal_.epoch();
    Status status = RunBackgroundOnce();
    if (!status.ok()) return;  // poisoned
    const bool nothing_to_mark = master_->promise_lsn() == writer_->flushed_lsn();
    if (nothing_to_mark) {
      background_parked_.store(true, std::memory_order_seq_cst);
      if (master_->promise_lsn() != writer_->flushed_lsn()) continue;
    }
    background_signal_.Wait(epoch, nothing_to_mark ? -1 : int64_t{options_.idle_mark_ms} * 1000);
  }
}

Status Log::RunBackgroundOnce() {
  Status status = PrepareSegments();
  if (status.ok()) status = MarkIdle();
  if (!status.ok() && MarkPoisoned(status)) AnnouncePoison();
  return status;
}

Status Log::PrepareSegments() {
  const LogGeometry& geometry = segments_->geometry();
  while (!stopping_.load(std::memory_order_acquire) && !poisoned_.load(std::memory_order_acquire)) {
    const uint64_t ahead = geometry.SegmentOf(published_lsn_.load(std::memory_order_acquire)) +
                           options_.segments_ahead;
    {
      std::lock_guard<std::mutex> lock(state_mutex_);
      const uint64_t wanted = std::max(ahead, wanted_segment_);
      // Not the last file: one beyond the limit is no use to appends before something is released.
      const Lsn wanted_end = std::min(geometry.EndOf(wanted), Lsn{layout::lsn_max});
      if (preparer_->prepared_end() >= wanted_end) return Status::Ok();
      // A full disk stays full until someone asks again.
      if (!prepare_status_.ok() && !prepare_retry_) return Status::Ok();
      prepare_retry_ = false;
    }
    Status status = preparer_->PrepareNext(writer_->flushed_lsn(), SegmentUse::kAppends);
    const bool soft = status.code() == Code::kNoSpace || status.code() == Code::kLogFull;
    {
      std::lock_guard<std::mutex> lock(state_mutex_);
      prepare_attempts_ += 1;
      prepare_status_ = soft ? status : Status::Ok();
    }
    if (!status.ok() && !soft) return status;
    UpdateAppendLimit();
    space_signal_.Notify();
  }
  return Status::Ok();
}

bool Log::IdleMarkIsDue() const {
  if (master_->promise_lsn() >= writer_->flushed_lsn()) return false;
  const uint64_t idle_us =
      environment_.monotonic_us() - last_batch_us_.load(std::memory_order_relaxed);
  return idle_us >= uint64_t{options_.idle_mark_ms} * 1000;
}

// The last batch has no later record that promises it, so the master record does once things are
// quiet.
Status Log::MarkIdle() {
  if (poisoned_.load(std::memory_order_acquire) || !IdleMarkIsDue()) return Status::Ok();
  const Lsn flushed = writer_->flushed_lsn();
  return master_->Update(
      [&](MasterFields* fields) { fields->promise_lsn = std::max(fields->promise_lsn, flushed); });
}

Status Log::Close() {
  if (closed_) return poison();
  Status status;
  if (writer_ != nullptr) status = FlushSync(published_lsn_.load(std::memory_order_acquire));
  StopThreads();
  closed_ = true;
  if (writer_ != nullptr) {
    {
      std::lock_guard<std::mutex> lock(limit_mutex_);
      ControlBlock::Store(control_->append_limit_lsn, 0);
    }
    if (status.ok()) status = poison();
    if (status.ok()) {
      const Lsn flushed = writer_->flushed_lsn();
      status = master_->Update([&](MasterFields* fields) {
        fields->promise_lsn = std::max(fields->promise_lsn, flushed);
        fields->clean = true;
      });
    }
  }
  lock_.reset();
  return status;
}

}  // namespace seawall

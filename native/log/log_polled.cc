// The part of Log that writes batches without the writer thread: the appending thread submits a
// small batch itself and learns of its completion from its event loop. A lone commit then wakes one
// thread, its own, where it takes three wake-ups to go through the writer (docs/decisions/0007).
//
// P1 is kept as for any batch: batch_mutex_ is held from Begin to Finish, so nobody builds another
// one meanwhile, and the durable prefix moves in Finish, behind a durable write that is complete.
#include <algorithm>

#include "log/log.h"

namespace seawall {

namespace {

// Larger batches are worth a second core: checksums are made where the batch is built, 33 us for a
// mebibyte, and more for as many bytes in small records.
constexpr uint64_t kPolledBytesMax = uint64_t{1} << 20;
constexpr uint32_t kPolledWaitersMax = 128;
// A batch that was seen to be through later than this had little use of being polled for: the drive
// is slow, or JavaScript is busy. Then its own submission is in the way, too: the kernel completes
// a durable write on the processor that submitted it, and has to wait for JavaScript to leave it.
// The next ones are the writer's, on another processor, and then there is another try; after a try
// that was late again, twice as many.
constexpr uint64_t kPolledSlowUs = 1000;
constexpr uint32_t kPauseBatchesMin = 100;
constexpr uint32_t kPauseBatchesMax = 12800;

}  // namespace

// True when a batch of the appending thread is in flight: what was published meanwhile is looked at
// when it is through.
bool Log::BeginPolled() {
  if (polled_batch_.owns_lock() && !(IsBehind() && TryFinishPolled(FlushedEvent::kIsPosted)))
    return true;
  const uint32_t waiters = waiters_.load(std::memory_order_relaxed);
  if (polled_queue_ == nullptr || waiters == 0 || waiters > kPolledWaitersMax ||
      options_.commit_delay_us > 0)
    return false;
  if (polled_pause_ > 0) {
    polled_pause_ -= 1;
    return false;
  }
  // Busy: the writer thread has a batch in flight and goes on with the next one.
  if (!polled_batch_.try_lock()) return false;
  const Lsn published = published_lsn_.load(std::memory_order_acquire);
  if (!HasWork() || IsBehind() || !writer_->FitsOneWrite(published)) {
    polled_batch_.unlock();
    return false;
  }
  Status begun = writer_->Begin(published, polled_queue_.get());
  if (begun.ok()) return true;
  const BatchOutcome outcome = OutcomeOf(std::move(begun));
  polled_batch_.unlock();
  AfterBatch(outcome);
  return true;
}

// There is more to write than a batch of the appending thread takes: that is the writer's.
bool Log::IsBehind() const {
  return published_lsn_.load(std::memory_order_acquire) - writer_->durable_lsn() > kPolledBytesMax;
}

bool Log::Poll() {
  if (!TryFinishPolled(FlushedEvent::kIsDelivered)) return false;
  if (HasWork() && !BeginPolled()) writer_signal_.Notify();
  return true;
}

bool Log::TryFinishPolled(FlushedEvent flushed_event) {
  IoCompletion completion;
  // Also without a batch in flight: the descriptor stays readable until it was looked at.
  if (polled_queue_->Take(&completion, 1) == 0) return false;
  AfterBatch(FinishPolled(completion), flushed_event);
  return true;
}

void Log::AwaitPolled() {
  if (!polled_batch_.owns_lock()) return;
  IoCompletion completion;
  const size_t completed = polled_queue_->Wait(&completion, 1);
  SEAWALL_ASSERT(completed == 1);
  AfterBatch(FinishPolled(completion));
  // The caller is about to block, so the rest is the writer's.
  if (HasWork()) writer_signal_.Notify();
}

Log::BatchOutcome Log::FinishPolled(const IoCompletion& completion) {
  SEAWALL_ASSERT(polled_batch_.owns_lock());
  const BatchOutcome outcome = OutcomeOf(writer_->Finish(completion.status));
  const bool was_late = writer_->last_drive_us() > kPolledSlowUs;
  polled_pause_ = was_late ? polled_next_pause_ : 0;
  polled_next_pause_ =
      was_late ? std::min(2 * polled_next_pause_, kPauseBatchesMax) : kPauseBatchesMin;
  polled_batch_.unlock();
  return outcome;
}

}  // namespace seawall

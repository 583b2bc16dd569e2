// The part of Log that any thread may call: reading, truncating, counting.
#include <algorithm>

#include "log/log.h"

namespace seawall {

namespace {

constexpr uint32_t kReadsInFlight = 4;
// A missed wake-up could only ever cost this much.
constexpr int64_t kRecheckUs = 100000;

}  // namespace

Lsn Log::oldest_lsn() const { return master_->fields().oldest_lsn; }

Status Log::TruncateBefore(Lsn lsn) {
  if (options_.read_only) return Status::Error(Code::kReadOnly, "");
  std::lock_guard<std::mutex> lock(truncate_mutex_);
  if (poisoned_.load(std::memory_order_acquire)) return poison();
  const Lsn flushed = flushed_lsn();
  if (lsn <= oldest_lsn()) return Status::Ok();
  if (lsn > flushed)
    return Status::Error(Code::kLsnOutOfRange, "beyond the durable end").WithLsn(lsn);
  if (lsn != flushed) SEAWALL_RETURN_IF_ERROR(lookup_->CheckStart(lsn, flushed));
  Status status = master_->Update([&](MasterFields* fields) {
    fields->oldest_lsn = lsn;
    fields->promise_lsn = std::max(fields->promise_lsn, flushed);
  });
  // Into the other slot too: a slot that still knows of released segments would be of no use once
  // they are reused.
  if (status.ok()) status = master_->Update([](MasterFields*) {});
  if (status.ok()) {
    // Readers must see the new bound before any file under them is reused.
    ControlBlock::Store(control_->oldest_lsn, lsn);
    status = preparer_->Release(lsn);
  }
  if (!status.ok()) {
    if (MarkPoisoned(status)) AnnouncePoison();
    return status;
  }
  // A segment that was beyond the limit may be within it now.
  UpdateAppendLimit();
  {
    std::lock_guard<std::mutex> state_lock(state_mutex_);
    prepare_retry_ = true;
  }
  background_signal_.Notify();
  return Status::Ok();
}

Status Log::WaitFlushed(Lsn lsn) {
  if (writer_ == nullptr) return Status::Error(Code::kReadOnly, "");
  while (lsn >= flushed_lsn()) {
    const uint32_t epoch = durable_signal_.epoch();
    SEAWALL_RETURN_IF_ERROR(poison());
    if (stopping_.load(std::memory_order_acquire)) return Status::Error(Code::kClosed, "");
    if (lsn >= published_lsn_.load(std::memory_order_acquire))
      return Status::Error(Code::kLsnOutOfRange, "nothing was appended there").WithLsn(lsn);
    if (lsn >= flushed_lsn()) durable_signal_.Wait(epoch, kRecheckUs);
  }
  return Status::Ok();
}

Status Log::SetCheckpoint(Lsn lsn) {
  if (options_.read_only) return Status::Error(Code::kReadOnly, "");
  std::lock_guard<std::mutex> lock(truncate_mutex_);
  if (poisoned_.load(std::memory_order_acquire)) return poison();
  const Lsn flushed = flushed_lsn();
  if (lsn >= flushed)
    return Status::Error(Code::kLsnOutOfRange, "beyond the durable end").WithLsn(lsn);
  SEAWALL_RETURN_IF_ERROR(lookup_->CheckStart(lsn, flushed));
  Status status = master_->Update([&](MasterFields* fields) {
    fields->checkpoint_lsn = lsn;
    fields->promise_lsn = std::max(fields->promise_lsn, flushed);
  });
  if (!status.ok() && MarkPoisoned(status)) AnnouncePoison();
  return status;
}

Status Log::NewReader(Lsn from, Lsn to, std::unique_ptr<LogReader>* reader) {
  const Lsn oldest = oldest_lsn();
  if (from < oldest) {
    return Status::Error(Code::kLsnTruncated, "oldestLSN is " + std::to_string(oldest))
        .WithLsn(from);
  }
  if (from > flushed_lsn())
    return Status::Error(Code::kLsnOutOfRange, "beyond the durable end").WithLsn(from);
  std::unique_ptr<IoQueue> queue;
  SEAWALL_RETURN_IF_ERROR(storage_->NewQueue(kReadsInFlight, &queue));
  LogReader::Bounds bounds;
  bounds.oldest_lsn = [this] { return oldest_lsn(); };
  bounds.flushed_lsn = [this] { return flushed_lsn(); };
  *reader =
      std::make_unique<LogReader>(segments_.get(), std::move(queue), options_.scan_read_bytes_max,
                                  header_seed_, incarnation_, std::move(bounds), from, to);
  return Status::Ok();
}

Status Log::ReadRecord(Lsn lsn, RecordCopy* record) {
  Status status = lookup_->Read(lsn, flushed_lsn(), record);
  const Lsn oldest = oldest_lsn();
  if (lsn >= oldest) return status;
  // Also when the read went well: what lies below may be reused at any moment.
  return Status::Error(Code::kLsnTruncated, "oldestLSN is " + std::to_string(oldest)).WithLsn(lsn);
}

LogStats Log::Stats() const {
  LogStats stats;
  stats.oldest_lsn = oldest_lsn();
  stats.flushed_lsn = flushed_lsn();
  stats.published_lsn = published_lsn_.load(std::memory_order_acquire);
  stats.incarnation = incarnation_;
  stats.geometry = segments_->geometry();
  stats.alignment = storage_->alignment();
  stats.backend = storage_->backend_name();
  stats.backend_reason = storage_->backend_reason();
  stats.master_writes = master_->writes();
  stats.poisoned = poisoned_.load(std::memory_order_acquire);
  stats.append_waits = append_waits_.load(std::memory_order_relaxed);
  stats.append_wait_us = append_wait_us_.load(std::memory_order_relaxed);
  if (writer_ == nullptr) return stats;
  stats.limit_lsn = preparer_->limit_end();
  stats.buffer_bytes = ring_->bytes();
  stats.segments = preparer_->files();
  stats.log_bytes = stats.segments * stats.geometry.segment_bytes;
  stats.segments_created = preparer_->created();
  stats.segments_recycled = preparer_->recycled();
  const WriterCounters& counters = writer_->counters();
  stats.batches = counters.batches.load(std::memory_order_relaxed);
  stats.drive_us = counters.drive_us.load(std::memory_order_relaxed);
  stats.drive_us_max = counters.drive_us_max.load(std::memory_order_relaxed);
  stats.records_sealed = counters.records_sealed.load(std::memory_order_relaxed);
  stats.device_writes = counters.writes.load(std::memory_order_relaxed);
  stats.device_write_bytes = counters.write_bytes.load(std::memory_order_relaxed);
  stats.device_syncs = counters.syncs.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace seawall

#include "log/segment_preparer.h"

#include <algorithm>

namespace seawall {

SegmentPreparer::SegmentPreparer(MasterFile* master, SegmentFiles* segments, const Options& options)
    : master_(master), segments_(segments), options_(options) {
  const MasterFields fields = master->fields();
  last_segment_.store(fields.last_segment, std::memory_order_relaxed);
  first_segment_ = std::min(segments->geometry().SegmentOf(fields.oldest_lsn), fields.last_segment);
}

Status SegmentPreparer::AdoptLeftovers() {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<uint64_t> numbers;
  std::vector<std::string> temporary_names;
  SEAWALL_RETURN_IF_ERROR(segments_->List(&numbers, &temporary_names));
  for (const std::string& name : temporary_names) {
    SEAWALL_RETURN_IF_ERROR(segments_->storage()->Remove(segments_->directory() + "/" + name));
  }
  for (uint64_t number : numbers) {
    if (number < first_segment_ || number > last_segment())
      spare_.push_back(segments_->PathOf(number));
  }
  return RemoveSurplus();
}

// REQUIRES: mutex_ is held.
Status SegmentPreparer::RemoveSurplus() {
  bool removed = false;
  while (spare_.size() > options_.spare_files_max) {
    SEAWALL_RETURN_IF_ERROR(segments_->storage()->Remove(spare_.back()));
    spare_.pop_back();
    removed = true;
  }
  return removed ? segments_->storage()->SyncDirectory(segments_->directory()) : Status::Ok();
}

uint64_t SegmentPreparer::files() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return last_segment() - first_segment_ + 1 + spare_.size();
}

// REQUIRES: mutex_ is held.
Status SegmentPreparer::CheckLimit() const {
  const uint64_t files = last_segment() - first_segment_ + 1;
  const uint64_t bytes_after = (files + 1) * segments_->geometry().segment_bytes;
  if (options_.max_log_bytes == 0 || bytes_after <= options_.max_log_bytes) return Status::Ok();
  return Status::Error(Code::kLogFull, "one more segment would make the log " +
                                           std::to_string(bytes_after) + " bytes, maxLogBytes is " +
                                           std::to_string(options_.max_log_bytes));
}

Status SegmentPreparer::MakeFile(uint64_t number) {
  std::string spare;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    SEAWALL_RETURN_IF_ERROR(CheckLimit());
    if (!spare_.empty()) {
      spare = spare_.back();
      spare_.pop_back();
    }
  }
  if (spare.empty()) {
    SEAWALL_RETURN_IF_ERROR(segments_->Create(
        number, options_.incarnation, options_.in_flight_max_bytes, options_.wall_clock_ms()));
    created_.fetch_add(1, std::memory_order_relaxed);
    return Status::Ok();
  }
  SEAWALL_RETURN_IF_ERROR(segments_->Recycle(
      spare, number, options_.incarnation, options_.in_flight_max_bytes, options_.wall_clock_ms()));
  recycled_.fetch_add(1, std::memory_order_relaxed);
  return Status::Ok();
}

Status SegmentPreparer::PrepareNext(Lsn promise) {
  const uint64_t number = last_segment() + 1;
  SEAWALL_RETURN_IF_ERROR(MakeFile(number));
  SEAWALL_RETURN_IF_ERROR(master_->Update([&](MasterFields* fields) {
    fields->last_segment = number;
    fields->promise_lsn = std::max(fields->promise_lsn, promise);
  }));
  last_segment_.store(number, std::memory_order_release);
  return Status::Ok();
}

Status SegmentPreparer::Release(Lsn oldest) {
  std::lock_guard<std::mutex> lock(mutex_);
  // The last segment stays even when nothing in it is needed: the log goes on there.
  const uint64_t first = std::min(segments_->geometry().SegmentOf(oldest), last_segment());
  SEAWALL_ASSERT(first >= first_segment_);
  for (uint64_t number = first_segment_; number < first; number++)
    spare_.push_back(segments_->PathOf(number));
  first_segment_ = first;
  segments_->ForgetBelow(first);
  return RemoveSurplus();
}

}  // namespace seawall

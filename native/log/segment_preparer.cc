#include "log/segment_preparer.h"

namespace seawall {

namespace {

// How far an open may exceed max_log_bytes (P7). One segment takes the incarnation records of over
// a thousand opens.
constexpr uint64_t kSegmentsBeyondLimitMax = 1;

}  // namespace

SegmentPreparer::SegmentPreparer(MasterFile* master, SegmentFiles* segments, const Options& options)
    : master_(master), segments_(segments), options_(options) {
  const MasterFields fields = master->fields();
  last_segment_.store(fields.last_segment, std::memory_order_relaxed);
  first_segment_.store(
      std::min(segments->geometry().SegmentOf(fields.oldest_lsn), fields.last_segment),
      std::memory_order_relaxed);
}

Lsn SegmentPreparer::limit_end() const {
  if (options_.max_log_bytes == 0) return layout::lsn_max;
  const uint64_t first = first_segment_.load(std::memory_order_acquire);
  return std::min<Lsn>(segments_->geometry().StartOf(first + SegmentsMax()), layout::lsn_max);
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
    if (number < first_segment_.load(std::memory_order_relaxed) || number > last_segment())
      spare_.push_back(segments_->PathOf(number));
  }
  return RemoveSurplus();
}

// REQUIRES: mutex_ is held.
uint64_t SegmentPreparer::SegmentsOfLog() const {
  return last_segment() - first_segment_.load(std::memory_order_relaxed) + 1;
}

// Spare files count too: all of them together must not be more than the limit allows.
// REQUIRES: mutex_ is held.
size_t SegmentPreparer::SpareFilesMax() const {
  if (options_.max_log_bytes == 0) return options_.spare_files_max;
  const uint64_t segments = SegmentsOfLog();
  const uint64_t room = SegmentsMax() > segments ? SegmentsMax() - segments : 0;
  return std::min<uint64_t>(options_.spare_files_max, room);
}

// REQUIRES: mutex_ is held.
Status SegmentPreparer::RemoveSurplus() {
  bool removed = false;
  while (spare_.size() > SpareFilesMax()) {
    SEAWALL_RETURN_IF_ERROR(segments_->storage()->Remove(spare_.back()));
    spare_.pop_back();
    removed = true;
  }
  return removed ? segments_->storage()->SyncDirectory(segments_->directory()) : Status::Ok();
}

uint64_t SegmentPreparer::files() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return SegmentsOfLog() + spare_.size();
}

Status SegmentPreparer::CheckLimit(SegmentUse use) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t beyond = use == SegmentUse::kIncarnation ? kSegmentsBeyondLimitMax : 0;
  const uint64_t segments_after = SegmentsOfLog() + 1;
  if (options_.max_log_bytes == 0 || segments_after <= SegmentsMax() + beyond) return Status::Ok();
  const char* const rule = beyond == 0 ? "" : ", which opening may exceed by one segment";
  return Status::Error(Code::kLogFull, "one more segment would make the log " +
                                           std::to_string(segments_after * segment_bytes()) +
                                           " bytes, maxLogBytes is " +
                                           std::to_string(options_.max_log_bytes) + rule);
}

Status SegmentPreparer::MakeFile(uint64_t number) {
  std::string spare;
  {
    std::lock_guard<std::mutex> lock(mutex_);
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

Status SegmentPreparer::PrepareNext(Lsn promise, SegmentUse use) {
  const uint64_t number = last_segment() + 1;
  SEAWALL_RETURN_IF_ERROR(CheckLimit(use));
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
  const uint64_t released_from = first_segment_.load(std::memory_order_relaxed);
  SEAWALL_ASSERT(first >= released_from);
  for (uint64_t number = released_from; number < first; number++)
    spare_.push_back(segments_->PathOf(number));
  first_segment_.store(first, std::memory_order_release);
  segments_->ForgetBelow(first);
  return RemoveSurplus();
}

}  // namespace seawall

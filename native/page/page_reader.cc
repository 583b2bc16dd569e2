#include "page/page_reader.h"

#include "base/bytes.h"
#include "format/page_header.h"
#include "io/thread_signals.h"

namespace seawall {

namespace {

constexpr size_t kCompletionsMax = 64;

PageReadOutcome OutcomeOf(PageCondition condition) {
  switch (condition) {
    case PageCondition::kValid:
      return PageReadOutcome::kValid;
    case PageCondition::kNeverWritten:
      return PageReadOutcome::kNeverWritten;
    case PageCondition::kDamaged:
      return PageReadOutcome::kDamaged;
    case PageCondition::kMisplaced:
      return PageReadOutcome::kMisplaced;
  }
  SEAWALL_ASSERT(false && "unknown condition");
}

}  // namespace

PageReader::PageReader(PageFile* pages, PageFrames* frames, LogHorizon horizon,
                       std::unique_ptr<IoQueue> queue, PageReadSink sink)
    : pages_(pages),
      frames_(frames),
      horizon_(std::move(horizon)),
      queue_(std::move(queue)),
      sink_(std::move(sink)),
      in_flight_(queue_->capacity()) {
  for (uint32_t tag = 0; tag < queue_->capacity(); tag++) free_tags_.push_back(tag);
}

PageReader::~PageReader() {
  stopping_.store(true, std::memory_order_seq_cst);
  added_.Notify();
  if (thread_.joinable()) thread_.join();
  std::vector<PageReadResult> dropped;
  while (free_tags_.size() < in_flight_.size()) TakeCompletions(&dropped);
}

void PageReader::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void PageReader::Add(const PageRead* reads, size_t count) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pending_.insert(pending_.end(), reads, reads + count);
  }
  added_.Notify();
}

void PageReader::Loop() {
  BlockAllSignalsOnThisThread();
  while (!stopping_.load(std::memory_order_acquire)) {
    const uint32_t epoch = added_.epoch();
    if (!RunOnce()) added_.Wait(epoch, -1);
  }
}

bool PageReader::RunOnce() {
  std::vector<PageReadResult> results;
  SubmitPending(&results);
  const bool has_in_flight = free_tags_.size() < in_flight_.size();
  if (has_in_flight) TakeCompletions(&results);
  if (!results.empty()) sink_(results);
  return has_in_flight || !results.empty();
}

void PageReader::SubmitPending(std::vector<PageReadResult>* results) {
  std::lock_guard<std::mutex> lock(mutex_);
  while (!pending_.empty() && !free_tags_.empty()) {
    const PageRead read = pending_.front();
    pending_.pop_front();
    if (read.page_id >= pages_->pages()) {
      ZeroBytes(frames_->At(read.frame), pages_->page_bytes());
      results->push_back({read.page_id, read.frame, PageReadOutcome::kNeverWritten, 0, 0});
      continue;
    }
    const uint32_t tag = free_tags_.back();
    free_tags_.pop_back();
    in_flight_[tag] = read;
    queue_->SubmitRead(pages_->file(), pages_->OffsetOf(read.page_id), frames_->At(read.frame),
                       pages_->page_bytes(), tag);
  }
}

void PageReader::TakeCompletions(std::vector<PageReadResult>* results) {
  IoCompletion completions[kCompletionsMax];
  const size_t count = queue_->Wait(completions, kCompletionsMax);
  for (size_t i = 0; i < count; i++) {
    const auto tag = static_cast<uint32_t>(completions[i].tag);
    results->push_back(Examine(in_flight_[tag], completions[i].status));
    free_tags_.push_back(tag);
  }
}

PageReadResult PageReader::Examine(const PageRead& read, const Status& status) const {
  PageReadResult result;
  result.page_id = read.page_id;
  result.frame = read.frame;
  result.sys_errno = status.sys_errno();
  if (!status.ok()) {
    result.outcome = status.IsLostBytes() ? PageReadOutcome::kDamaged : PageReadOutcome::kFailed;
    return result;
  }
  const uint8_t* const page = frames_->At(read.frame);
  result.page_lsn = LoadPageHeader(page).page_lsn;
  result.outcome = OutcomeOf(ExaminePage(page, pages_->page_bytes(), pages_->seed(), read.page_id));
  // A page is written only when its log is durable, so this page has seen a longer log than ours.
  if (result.outcome == PageReadOutcome::kValid && result.page_lsn >= horizon_.flushed_lsn())
    result.outcome = PageReadOutcome::kAheadOfLog;
  return result;
}

}  // namespace seawall

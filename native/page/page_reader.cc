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
                       std::vector<std::unique_ptr<IoQueue>> queues, PageReadSink sink)
    : pages_(pages), frames_(frames), horizon_(std::move(horizon)), sink_(std::move(sink)) {
  SEAWALL_ASSERT(!queues.empty());
  for (std::unique_ptr<IoQueue>& queue : queues) {
    auto lane = std::make_unique<Lane>();
    lane->in_flight.resize(queue->capacity());
    for (uint32_t tag = 0; tag < queue->capacity(); tag++) lane->free_tags.push_back(tag);
    lane->queue = std::move(queue);
    lanes_.push_back(std::move(lane));
  }
}

PageReader::~PageReader() {
  stopping_.store(true, std::memory_order_seq_cst);
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    lane->signal.Notify();
    if (lane->thread.joinable()) lane->thread.join();
    std::vector<PageReadResult> dropped;
    while (!lane->is_idle()) TakeCompletions(lane.get(), &dropped);
  }
}

void PageReader::Start() {
  for (const std::unique_ptr<Lane>& lane : lanes_)
    lane->thread = std::thread([this, lane = lane.get()] { Loop(lane); });
}

// The first lane that sleeps is woken, so that few reads always meet the same, warm one. Lanes that
// are awake look for reads before they sleep.
void PageReader::Add(const PageRead* reads, size_t count) {
  Lane* woken = nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pending_.insert(pending_.end(), reads, reads + count);
    for (const std::unique_ptr<Lane>& lane : lanes_) {
      if (!lane->is_asleep) continue;
      lane->is_asleep = false;
      woken = lane.get();
      break;
    }
  }
  if (woken != nullptr) woken->signal.Notify();
}

void PageReader::Loop(Lane* lane) {
  BlockAllSignalsOnThisThread();
  while (!stopping_.load(std::memory_order_acquire)) {
    const uint32_t epoch = lane->signal.epoch();
    if (Turn(lane)) continue;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!pending_.empty()) continue;
      lane->is_asleep = true;
    }
    lane->signal.Wait(epoch, -1);
  }
}

bool PageReader::HasWork() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return !pending_.empty() || !lanes_.front()->is_idle();
}

bool PageReader::Turn(Lane* lane) {
  std::vector<PageReadResult> results;
  SubmitPending(lane, &results);
  const bool has_in_flight = !lane->is_idle();
  if (has_in_flight) TakeCompletions(lane, &results);
  if (!results.empty()) sink_(results);
  return has_in_flight || !results.empty();
}

void PageReader::SubmitPending(Lane* lane, std::vector<PageReadResult>* results) {
  std::lock_guard<std::mutex> lock(mutex_);
  while (!pending_.empty() && !lane->free_tags.empty()) {
    const PageRead read = pending_.front();
    pending_.pop_front();
    if (read.page_id >= pages_->pages()) {
      ZeroBytes(frames_->At(read.frame), pages_->page_bytes());
      results->push_back({read.page_id, read.frame, PageReadOutcome::kNeverWritten, 0, 0});
      continue;
    }
    const uint32_t tag = lane->free_tags.back();
    lane->free_tags.pop_back();
    lane->in_flight[tag] = read;
    lane->queue->SubmitRead(pages_->file(), pages_->OffsetOf(read.page_id), frames_->At(read.frame),
                            pages_->page_bytes(), tag);
  }
}

void PageReader::TakeCompletions(Lane* lane, std::vector<PageReadResult>* results) {
  IoCompletion completions[kCompletionsMax];
  const size_t count = lane->queue->Wait(completions, kCompletionsMax);
  for (size_t i = 0; i < count; i++) {
    const auto tag = static_cast<uint32_t>(completions[i].tag);
    results->push_back(Examine(lane->in_flight[tag], completions[i].status));
    lane->free_tags.push_back(tag);
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

#include "page/page_reader.h"

#include "io/thread_signals.h"

namespace seawall {

namespace {

constexpr size_t kCompletionsMax = 64;

}  // namespace

PageReader::PageReader(PageSource source, std::vector<std::unique_ptr<IoQueue>> queues,
                       PageReadSink sink)
    : source_(std::move(source)), sink_(std::move(sink)) {
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
    const uint32_t tag = lane->free_tags.back();
    if (source_.Submit(read, lane->queue.get(), tag)) {
      lane->free_tags.pop_back();
      lane->in_flight[tag] = read;
    } else {
      results->push_back({read.page_id, read.frame, PageReadOutcome::kNeverWritten, 0, 0});
    }
  }
}

void PageReader::TakeCompletions(Lane* lane, std::vector<PageReadResult>* results) {
  IoCompletion completions[kCompletionsMax];
  const size_t count = lane->queue->Wait(completions, kCompletionsMax);
  for (size_t i = 0; i < count; i++) {
    const auto tag = static_cast<uint32_t>(completions[i].tag);
    results->push_back(source_.Examine(lane->in_flight[tag], completions[i].status));
    lane->free_tags.push_back(tag);
  }
}

}  // namespace seawall

#include "page/polled_page_reader.h"

namespace seawall {

PolledPageReader::PolledPageReader(PageSource source, std::unique_ptr<PollableQueue> queue)
    : source_(std::move(source)), in_flight_(queue->capacity()), queue_(std::move(queue)) {
  for (uint32_t tag = 0; tag < in_flight_.size(); tag++) free_tags_.push_back(tag);
}

void PolledPageReader::Add(const PageRead* reads, size_t count,
                           std::vector<PageReadResult>* results) {
  pending_.insert(pending_.end(), reads, reads + count);
  SubmitPending(results);
}

void PolledPageReader::Take(std::vector<PageReadResult>* results) {
  IoCompletion completions[kResultsMax];
  const size_t count = queue_->Take(completions, kResultsMax);
  for (size_t i = 0; i < count; i++) {
    const auto tag = static_cast<uint32_t>(completions[i].tag);
    results->push_back(source_.Examine(in_flight_[tag], completions[i].status));
    free_tags_.push_back(tag);
  }
  if (!pending_.empty()) SubmitPending(results);
}

void PolledPageReader::SubmitPending(std::vector<PageReadResult>* results) {
  while (!pending_.empty() && !free_tags_.empty()) {
    const PageRead read = pending_.front();
    pending_.pop_front();
    const uint32_t tag = free_tags_.back();
    if (source_.Submit(read, queue_.get(), tag)) {
      free_tags_.pop_back();
      in_flight_[tag] = read;
    } else {
      results->push_back({read.page_id, read.frame, PageReadOutcome::kNeverWritten, 0, 0});
    }
  }
  queue_->Flush();
}

}  // namespace seawall

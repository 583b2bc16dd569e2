#include "completion_queue.h"

#include <algorithm>
#include <chrono>

namespace seawall::crash {
namespace {

uint64_t NowMicroseconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

void CompletionQueue::SetOptions(const HoldOptions& options) {
  options_ = options;
  random_.seed(options.seed);
}

void CompletionQueue::Add(const Pending& pending, fuse_req_t request, size_t written_bytes) {
  Held held = {pending, request, written_bytes, 0};
  if (options_.microseconds_max == 0 || random_() % 256 >= options_.held_of_256) {
    Complete(held);
    return;
  }
  held.due_us = NowMicroseconds() + 1 + random_() % options_.microseconds_max;
  held_.push_back(held);
}

void CompletionQueue::CompleteDue() {
  if (held_.empty()) return;
  const uint64_t now = NowMicroseconds();
  std::sort(held_.begin(), held_.end(),
            [](const Held& a, const Held& b) { return a.due_us < b.due_us; });
  size_t due = 0;
  while (due < held_.size() && held_[due].due_us <= now) Complete(held_[due++]);
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(due));
}

void CompletionQueue::CompleteAll() {
  for (const Held& held : held_) Complete(held);
  held_.clear();
}

int64_t CompletionQueue::MicrosecondsLeft() const {
  if (held_.empty()) return -1;
  uint64_t next = UINT64_MAX;
  for (const Held& held : held_) next = std::min(next, held.due_us);
  const uint64_t now = NowMicroseconds();
  return next > now ? static_cast<int64_t>(next - now) : 0;
}

// The event comes before the answer: whoever has the answer finds it in the recording.
void CompletionQueue::Complete(const Held& held) {
  device_->Complete(held.pending);
  if (held.pending.operation == Operation::kWrite) {
    fuse_reply_write(held.request, held.written_bytes);
  } else {
    fuse_reply_err(held.request, 0);
  }
}

}  // namespace seawall::crash

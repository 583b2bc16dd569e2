#include "io/thread_queue.h"

#include <algorithm>
#include <chrono>

#include "io/thread_signals.h"

namespace seawall {

namespace {

constexpr uint32_t kHelpersMax = 3;
constexpr std::chrono::milliseconds kRecheck{100};

}  // namespace

ThreadQueue::ThreadQueue(uint32_t capacity) : capacity_(capacity) { SEAWALL_ASSERT(capacity > 0); }

ThreadQueue::~ThreadQueue() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    while (RunOne(&lock)) {
    }
    stopping_ = true;
  }
  queued_changed_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void ThreadQueue::SubmitWrite(File* file, uint64_t offset, const IoSlice* slices, int slice_count,
                              Durability durability, uint64_t tag) {
  SEAWALL_ASSERT(slice_count > 0 && slice_count <= kIoSlicesMax);
  Operation operation;
  operation.kind = Kind::kWrite;
  operation.file = file;
  operation.offset = offset;
  std::copy(slices, slices + slice_count, operation.slices);
  operation.slice_count = slice_count;
  operation.durability = durability;
  operation.tag = tag;
  Submit(operation);
}

void ThreadQueue::SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) {
  Operation operation;
  operation.kind = Kind::kRead;
  operation.file = file;
  operation.offset = offset;
  operation.slices[0] = {data, bytes};
  operation.slice_count = 1;
  operation.tag = tag;
  Submit(operation);
}

void ThreadQueue::SubmitSync(File* file, uint64_t tag) {
  Operation operation;
  operation.file = file;
  operation.tag = tag;
  Submit(operation);
}

void ThreadQueue::Submit(const Operation& operation) {
  bool others_are_queued = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    SEAWALL_ASSERT(in_flight_ < capacity_);
    in_flight_ += 1;
    queued_.push_back(operation);
    others_are_queued = queued_.size() > 1;
  }
  if (!others_are_queued) return;
  StartHelpers();
  queued_changed_.notify_one();
}

void ThreadQueue::StartHelpers() {
  if (!helpers_.empty()) return;
  for (uint32_t i = 0; i < std::min(kHelpersMax, capacity_ - 1); i++) {
    helpers_.emplace_back([this] { HelperLoop(); });
  }
}

Status ThreadQueue::Run(const Operation& operation) {
  File* const file = operation.file;
  switch (operation.kind) {
    case Kind::kSync:
      return file->Sync();
    case Kind::kRead:
      return file->ReadAt(operation.offset, const_cast<void*>(operation.slices[0].data),
                          operation.slices[0].bytes);
    case Kind::kWrite:
      return file->WriteAt(operation.offset, operation.slices, operation.slice_count,
                           operation.durability);
  }
  SEAWALL_ASSERT(false && "unknown kind");
}

bool ThreadQueue::RunOne(std::unique_lock<std::mutex>* lock) {
  if (queued_.empty()) return false;
  const Operation operation = queued_.front();
  queued_.pop_front();
  lock->unlock();
  Status status = Run(operation);
  lock->lock();
  completed_.push_back({operation.tag, std::move(status)});
  completed_changed_.notify_one();
  return true;
}

void ThreadQueue::HelperLoop() {
  BlockAllSignalsOnThisThread();
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (!RunOne(&lock)) queued_changed_.wait_for(lock, kRecheck);
  }
}

size_t ThreadQueue::Wait(IoCompletion* completions, size_t max) {
  SEAWALL_ASSERT(max > 0);
  std::unique_lock<std::mutex> lock(mutex_);
  if (in_flight_ == 0) return 0;
  while (completed_.empty()) {
    if (!RunOne(&lock)) completed_changed_.wait_for(lock, kRecheck);
  }
  size_t count = 0;
  while (count < max && !completed_.empty()) {
    completions[count++] = std::move(completed_.front());
    completed_.pop_front();
  }
  in_flight_ -= static_cast<uint32_t>(count);
  return count;
}

}  // namespace seawall

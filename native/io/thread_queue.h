// IoQueue on plain system calls: for kernels and sandboxes without io_uring, and the reference for
// the other queues.
//
// The thread that waits works on the queue itself, so one operation at a time costs no hand-over.
// Helper threads join in only when more than one operation is queued.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "io/storage.h"

namespace seawall {

class ThreadQueue final : public IoQueue {
 public:
  explicit ThreadQueue(uint32_t capacity);
  // Finishes what is queued; completions are dropped.
  ~ThreadQueue() override;

  uint32_t capacity() const override { return capacity_; }
  void SubmitWrite(File* file, uint64_t offset, const IoSlice* slices, int slice_count,
                   Durability durability, uint64_t tag) override;
  void SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) override;
  void SubmitSync(File* file, uint64_t tag) override;
  size_t Wait(IoCompletion* completions, size_t max) override;

 private:
  enum class Kind : uint8_t { kWrite, kRead, kSync };
  struct Operation {
    Kind kind = Kind::kSync;
    File* file = nullptr;
    uint64_t offset = 0;
    IoSlice slices[kIoSlicesMax] = {};
    int slice_count = 0;
    Durability durability = Durability::kNone;
    uint64_t tag = 0;
  };

  void Submit(const Operation& operation);
  static Status Run(const Operation& operation);
  void HelperLoop();
  // Takes one operation and runs it with the lock given up meanwhile. False when none is queued.
  bool RunOne(std::unique_lock<std::mutex>* lock);
  void StartHelpers();

  const uint32_t capacity_;
  std::mutex mutex_;
  // Timed waits only: the untimed wait needs a newer libstdc++ than the oldest system that can run
  // the addon has.
  std::condition_variable queued_changed_;
  std::condition_variable completed_changed_;
  std::deque<Operation> queued_;        // guarded by mutex_
  std::deque<IoCompletion> completed_;  // guarded by mutex_
  uint32_t in_flight_ = 0;              // guarded by mutex_; submitted and not yet returned by Wait
  bool stopping_ = false;               // guarded by mutex_
  std::vector<std::thread> helpers_;    // submitting thread only
};

}  // namespace seawall

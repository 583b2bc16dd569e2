// Operations in flight on a SimulatedDisk. A write is in flight from its submission; operations
// take effect when Wait or Take reaches them, in the order that the disk says.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "device/simulated_file.h"

namespace seawall::simulation {

class SimulatedQueue final : public PollableQueue {
 public:
  SimulatedQueue(std::shared_ptr<SimulatedDisk> disk, uint32_t capacity)
      : disk_(std::move(disk)), capacity_(capacity) {}

  uint32_t capacity() const override { return capacity_; }
  void SubmitWrite(File* file, uint64_t offset, const IoSlice* slices, int slice_count,
                   Durability durability, uint64_t tag) override;
  void SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) override;
  void SubmitSync(File* file, uint64_t tag) override;
  size_t Wait(IoCompletion* completions, size_t max) override;
  // Nobody is told of completions: a test takes when it likes, and what is in flight completes
  // then.
  int descriptor() const override { return -1; }
  void Flush() override {}
  size_t Take(IoCompletion* completions, size_t max) override { return Wait(completions, max); }

 private:
  enum class Kind : uint8_t { kRead, kWrite, kSync };
  struct Queued {
    Kind kind;
    SimulatedFile* file;
    std::vector<uint64_t> tags;  // several when writes were merged
    // A write.
    std::shared_ptr<const DeviceWrite> write;
    uint64_t in_flight = 0;
    Durability durability = Durability::kNone;
    std::vector<IoSlice> slices;
    // A read.
    uint64_t offset = 0;
    void* data = nullptr;
    size_t bytes = 0;
    // A sync.
    uint64_t covers = 0;
  };

  size_t in_queue() const;
  bool MergeIntoLast(const Queued& next);
  size_t PickNext() const;
  Status Complete(const Queued& queued);

  const std::shared_ptr<SimulatedDisk> disk_;
  const uint32_t capacity_;
  std::deque<Queued> queued_;
  std::deque<IoCompletion> completed_;
};

}  // namespace seawall::simulation

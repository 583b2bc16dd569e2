#include "device/simulated_queue.h"

#include <cstring>

namespace seawall::simulation {

namespace {

bool BufferIsUnchanged(const DeviceWrite& write, const std::vector<IoSlice>& slices) {
  const DeviceWrite now =
      DeviceWrite::From(write.offset, slices.data(), static_cast<int>(slices.size()));
  for (size_t i = 0; i < write.blocks.size(); i++)
    if (!SameContent(write.blocks[i].data, now.blocks[i].data)) return false;
  return true;
}

}  // namespace

size_t SimulatedQueue::in_queue() const {
  size_t count = completed_.size();
  for (const Queued& queued : queued_) count += queued.tags.size();
  return count;
}

// One device write for two that follow each other: the second one's slices behind the first one's.
bool SimulatedQueue::MergeIntoLast(const Queued& next) {
  if (!disk_->options().merges_adjacent_writes || queued_.empty()) return false;
  Queued& last = queued_.back();
  const bool is_adjacent = last.kind == Kind::kWrite && last.file->id() == next.file->id() &&
                           last.durability == next.durability &&
                           last.write->offset + last.write->bytes == next.write->offset;
  if (!is_adjacent) return false;
  last.slices.insert(last.slices.end(), next.slices.begin(), next.slices.end());
  last.tags.push_back(next.tags.front());
  last.write = std::make_shared<const DeviceWrite>(DeviceWrite::From(
      last.write->offset, last.slices.data(), static_cast<int>(last.slices.size())));
  disk_->ReplaceInFlight(last.in_flight, last.file->id(), last.write);
  return true;
}

void SimulatedQueue::SubmitWrite(File* file, uint64_t offset, const IoSlice* slices,
                                 int slice_count, Durability durability, uint64_t tag) {
  SEAWALL_ASSERT(in_queue() < capacity_);
  Queued queued;
  queued.kind = Kind::kWrite;
  queued.file = static_cast<SimulatedFile*>(file);
  queued.tags = {tag};
  queued.slices.assign(slices, slices + slice_count);
  queued.durability = durability;
  queued.write =
      std::make_shared<const DeviceWrite>(DeviceWrite::From(offset, slices, slice_count));
  if (MergeIntoLast(queued)) return;
  queued.in_flight = disk_->IssueWrite(queued.file->id(), file->path(), queued.write);
  queued_.push_back(std::move(queued));
}

void SimulatedQueue::SubmitRead(File* file, uint64_t offset, void* data, size_t bytes,
                                uint64_t tag) {
  SEAWALL_ASSERT(in_queue() < capacity_);
  Queued queued;
  queued.kind = Kind::kRead;
  queued.file = static_cast<SimulatedFile*>(file);
  queued.tags = {tag};
  queued.offset = offset;
  queued.data = data;
  queued.bytes = bytes;
  queued_.push_back(std::move(queued));
}

void SimulatedQueue::SubmitSync(File* file, uint64_t tag) {
  SEAWALL_ASSERT(in_queue() < capacity_);
  Queued queued;
  queued.kind = Kind::kSync;
  queued.file = static_cast<SimulatedFile*>(file);
  queued.tags = {tag};
  queued.covers = disk_->IssueSync(file->path());
  queued_.push_back(std::move(queued));
}

size_t SimulatedQueue::PickNext() const {
  if (disk_->completion_order != nullptr) {
    return disk_->completion_order->Pick(static_cast<uint32_t>(queued_.size()), "completes next");
  }
  return disk_->reverse_completions ? queued_.size() - 1 : 0;
}

Status SimulatedQueue::Complete(const Queued& queued) {
  SimulatedFile* const file = queued.file;
  switch (queued.kind) {
    case Kind::kRead:
      return file->ReadAt(queued.offset, queued.data, queued.bytes);
    case Kind::kSync:
      return disk_->CompleteSync(file->id(), file->path(), queued.covers);
    case Kind::kWrite:
      if (!BufferIsUnchanged(*queued.write, queued.slices)) disk_->counters.changed_buffers += 1;
      return disk_->CompleteWrite(queued.in_flight, file->id(), file->path(), queued.write,
                                  queued.durability);
  }
  SEAWALL_ASSERT(false && "unknown kind");
}

size_t SimulatedQueue::Wait(IoCompletion* completions, size_t max) {
  size_t count = 0;
  while (count < max) {
    if (completed_.empty()) {
      if (queued_.empty()) break;
      const auto next = queued_.begin() + static_cast<ptrdiff_t>(PickNext());
      const Queued queued = std::move(*next);
      queued_.erase(next);
      const Status status = Complete(queued);
      for (const uint64_t tag : queued.tags) completed_.push_back({tag, status});
    }
    completions[count++] = std::move(completed_.front());
    completed_.pop_front();
  }
  return count;
}

}  // namespace seawall::simulation

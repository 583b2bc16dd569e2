#include "recording.h"

#include <algorithm>

namespace seawall::crash {
namespace {

// SplitMix64: independent coins from numbers that follow each other.
uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

Recording::Recording(uint64_t block_count, const BlockImage* below)
    : base_(block_count, below), live_(block_count, &base_), stable_(block_count, &base_) {}

size_t Recording::IssueWrite(uint64_t offset, const uint8_t* bytes, size_t size) {
  live_.Write(offset, bytes, size);
  writes_.push_back({offset, std::vector<uint8_t>(bytes, bytes + size), events_++});
  return writes_.size() - 1;
}

void Recording::CompleteWrite(size_t write) {
  writes_[write].completed = events_++;
  completion_order_.push_back(write);
}

size_t Recording::IssueFlush() {
  Flush flush;
  flush.issued = events_++;
  flushes_.push_back(flush);
  return flushes_.size() - 1;
}

void Recording::CompleteFlush(size_t flush, bool is_honoured) {
  flushes_[flush].completed = events_++;
  flushes_[flush].was_honoured = is_honoured;
}

uint64_t Recording::DurableBefore(uint64_t event) const {
  uint64_t before = 0;
  for (const Flush& flush : flushes_) {
    if (flush.issued >= event) break;
    if (flush.was_honoured && flush.completed < event) before = std::max(before, flush.issued);
  }
  return before;
}

uint64_t Recording::VolatileWritesAt(uint64_t event) const {
  const auto issued = std::partition_point(
      writes_.begin(), writes_.end(), [&](const Write& write) { return write.issued < event; });
  const uint64_t before = DurableBefore(event);
  const auto durable =
      std::partition_point(completion_order_.begin(), completion_order_.end(),
                           [&](size_t write) { return writes_[write].completed < before; });
  return static_cast<uint64_t>((issued - writes_.begin()) - (durable - completion_order_.begin()));
}

void Recording::AdvanceStable(uint64_t durable_before) {
  const bool went_back = stable_writes_ > 0 &&
                         writes_[completion_order_[stable_writes_ - 1]].completed >= durable_before;
  if (went_back) {
    stable_.Clear();
    stable_writes_ = 0;
  }
  for (; stable_writes_ < completion_order_.size(); stable_writes_++) {
    const Write& write = writes_[completion_order_[stable_writes_]];
    if (write.completed >= durable_before) return;
    stable_.Write(write.offset, write.bytes.data(), write.bytes.size());
  }
}

CrashSummary Recording::Crash(uint64_t event, const Coins& coins, BlockImage* into) {
  const uint64_t durable_before = DurableBefore(event);
  AdvanceStable(durable_before);
  CrashSummary summary;
  for (size_t id = 0; id < writes_.size() && writes_[id].issued < event; id++) {
    const Write& write = writes_[id];
    if (write.completed < durable_before) {
      summary.durable_writes += 1;
      continue;
    }
    summary.volatile_writes += 1;
    const uint64_t end = write.offset + write.bytes.size();
    for (uint64_t at = write.offset; at < end;) {
      const uint64_t atom = coins.atom_bytes == 0 ? 0 : at / coins.atom_bytes;
      const uint64_t next =
          coins.atom_bytes == 0 ? end : std::min(end, (atom + 1) * coins.atom_bytes);
      const uint64_t coin = Mix(Mix(Mix(coins.seed) ^ id) ^ atom) & 255;
      if (coin < coins.kept_of_256) {
        into->Write(at, write.bytes.data() + (at - write.offset), next - at);
        summary.kept_atoms += 1;
      } else {
        summary.lost_atoms += 1;
      }
      at = next;
    }
  }
  return summary;
}

void Recording::Reset() {
  events_ = 0;
  writes_.clear();
  completion_order_.clear();
  flushes_.clear();
  stable_writes_ = 0;
  base_.Clear();
  live_.Clear();
  stable_.Clear();
}

}  // namespace seawall::crash

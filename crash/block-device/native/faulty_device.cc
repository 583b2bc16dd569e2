#include "faulty_device.h"

#include <cstdio>

namespace seawall::crash {

int Fault::Next() {
  if (error == 0) return 0;
  seen += 1;
  const bool fails = is_sticky ? seen >= first : seen == first;
  if (!fails) return 0;
  injected += 1;
  return error;
}

FaultyDevice::FaultyDevice(uint64_t bytes, uint64_t* event_counter)
    : bytes_(bytes), event_counter_(event_counter) {
  recordings_.push_back(std::make_unique<Recording>(bytes / kBlockBytes, nullptr));
}

int FaultyDevice::Read(uint64_t offset, uint8_t* to, size_t size) {
  reads_ += 1;
  const int error = FaultOf(Operation::kRead).Next();
  if (error == 0) Current().live().Read(offset, to, size);
  return error;
}

int FaultyDevice::IssueWrite(uint64_t offset, const uint8_t* from, size_t size, Pending* pending) {
  writes_ += 1;
  const int error = FaultOf(Operation::kWrite).Next();
  if (error != 0) return error;
  *pending = {Operation::kWrite, Current().IssueWrite(offset, from, size), true};
  CountEvents();
  return 0;
}

int FaultyDevice::IssueFlush(Pending* pending) {
  flushes_ += 1;
  const int error = FaultOf(Operation::kFlush).Next();
  if (error != 0) return error;
  const bool is_dropped = drop_every_ != 0 && flushes_ % drop_every_ == 0;
  if (is_dropped) dropped_flushes_ += 1;
  *pending = {Operation::kFlush, Current().IssueFlush(), !is_dropped};
  CountEvents();
  return 0;
}

void FaultyDevice::Complete(const Pending& pending) {
  if (pending.operation == Operation::kWrite) {
    Current().CompleteWrite(pending.id);
  } else {
    Current().CompleteFlush(pending.id, pending.is_honoured);
  }
  CountEvents();
}

void FaultyDevice::ClearFaults() {
  for (Fault& fault : faults_) fault = {};
}

uint64_t FaultyDevice::InjectedFaults() const {
  uint64_t injected = 0;
  for (const Fault& fault : faults_) injected += fault.injected;
  return injected;
}

uint64_t FaultyDevice::Mark() {
  const uint64_t event = Current().Mark();
  CountEvents();
  return event;
}

void FaultyDevice::Record() {
  const BlockImage& live = current().live();
  BlockImage shown(live.block_count(), nullptr);
  for (uint64_t block = 0; block < live.block_count(); block++) {
    const uint8_t* bytes = live.BlockAt(block);
    if (bytes != nullptr) shown.Write(block * kBlockBytes, bytes, kBlockBytes);
  }
  StartAgainFrom(&shown);
}

void FaultyDevice::StartAgainFrom(BlockImage* image) {
  for (const auto& recording : recordings_) recording->Reset();
  recordings_[0]->base().Swap(image);
  depth_ = 0;
  CountEvents();
}

CrashSummary FaultyDevice::Present(size_t depth, uint64_t event, const Coins& coins) {
  // From the top: what lies below may only change when nothing lies over it.
  for (size_t above = recordings_.size() - 1; above > depth; above--) recordings_[above]->Reset();
  Recording& crashed = *recordings_[depth];
  if (recordings_.size() == depth + 1) {
    recordings_.push_back(std::make_unique<Recording>(bytes_ / kBlockBytes, &crashed.stable()));
  }
  depth_ = depth + 1;
  const CrashSummary summary = crashed.Crash(event, coins, &Current().base());
  CountEvents();
  return summary;
}

void FaultyDevice::CountEvents() {
  __atomic_store_n(event_counter_, current().event_count(), __ATOMIC_RELEASE);
}

bool FaultyDevice::Save(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  bool is_good = true;
  const BlockImage& image = current().base();
  for (uint64_t block = 0; block < image.block_count(); block++) {
    const uint8_t* bytes = image.BlockAt(block);
    if (bytes == nullptr) continue;
    is_good = is_good && std::fwrite(&block, sizeof block, 1, file) == 1 &&
              std::fwrite(bytes, kBlockBytes, 1, file) == 1;
  }
  return std::fclose(file) == 0 && is_good;
}

bool FaultyDevice::Load(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  BlockImage image(bytes_ / kBlockBytes, nullptr);
  uint64_t block = 0;
  uint8_t bytes[kBlockBytes];
  bool is_good = true;
  while (is_good && std::fread(&block, sizeof block, 1, file) == 1) {
    is_good = block < image.block_count() && std::fread(bytes, kBlockBytes, 1, file) == 1;
    if (is_good) image.Write(block * kBlockBytes, bytes, kBlockBytes);
  }
  std::fclose(file);
  if (is_good) StartAgainFrom(&image);
  return is_good;
}

}  // namespace seawall::crash

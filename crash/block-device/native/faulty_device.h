// The device that the file system sees: recordings, each one beginning at a crash image of the one
// before it, and faults on order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "recording.h"

namespace seawall::crash {

enum class Operation { kRead, kWrite, kFlush };

// From the `first`-th operation of its kind on, counted from when it was set.
struct Fault {
  uint64_t first = 0;
  uint64_t seen = 0;
  int error = 0;
  bool is_sticky = false;
  uint64_t injected = 0;

  // The errno for the operation that comes now; 0: none.
  int Next();
};

// What was asked for and is not answered yet.
struct Pending {
  Operation operation;
  size_t id;
  bool is_honoured;
};

class FaultyDevice {
 public:
  // `event_counter`: is kept at the number of events of the last recording.
  FaultyDevice(uint64_t bytes, uint64_t* event_counter);

  uint64_t bytes() const { return bytes_; }
  // These return an errno, or 0.
  int Read(uint64_t offset, uint8_t* to, size_t size);
  int IssueWrite(uint64_t offset, const uint8_t* from, size_t size, Pending* pending);
  int IssueFlush(Pending* pending);
  void Complete(const Pending& pending);

  void SetFault(Operation operation, const Fault& fault) { FaultOf(operation) = fault; }
  void ClearFaults();
  // Since each was set.
  uint64_t InjectedFaults() const;
  // Every n-th flush is answered and not done; 0: none is.
  void DropEveryFlush(uint64_t every) { drop_every_ = every; }

  // What the device shows now is the durable base of a new recording, the only one.
  void Record();
  // Shows what may be left of recording `depth` after a crash at `event`; what is written to it
  // becomes recording `depth` + 1. Nothing may be pending.
  CrashSummary Present(size_t depth, uint64_t event, const Coins& coins);
  uint64_t Mark();

  size_t depth() const { return depth_; }
  const Recording& recording(size_t depth) const { return *recordings_[depth]; }
  const Recording& current() const { return *recordings_[depth_]; }
  uint64_t reads() const { return reads_; }
  uint64_t writes() const { return writes_; }
  uint64_t flushes() const { return flushes_; }
  uint64_t dropped_flushes() const { return dropped_flushes_; }

  // The blocks that the current recording began with, as (number, bytes) one after the other.
  bool Save(const std::string& path) const;
  bool Load(const std::string& path);

 private:
  Recording& Current() { return *recordings_[depth_]; }
  Fault& FaultOf(Operation operation) { return faults_[static_cast<size_t>(operation)]; }
  void StartAgainFrom(BlockImage* image);
  void CountEvents();

  const uint64_t bytes_;
  uint64_t* const event_counter_;
  // Those above depth_ wait to be used again.
  std::vector<std::unique_ptr<Recording>> recordings_;
  size_t depth_ = 0;
  Fault faults_[3];
  uint64_t drop_every_ = 0;
  uint64_t reads_ = 0;
  uint64_t writes_ = 0;
  uint64_t flushes_ = 0;
  uint64_t dropped_flushes_ = 0;
};

}  // namespace seawall::crash

// The history of a device with a volatile cache: every write and flush, when it was issued and when
// it was completed, and what the device may hold when the power ends at any moment of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "block_image.h"

namespace seawall::crash {

// Decides what becomes of bytes that no flush had covered. The outcome depends on these numbers and
// the recording only.
struct Coins {
  uint64_t seed = 0;
  // 0 to 256: how many of 256 atoms survive.
  uint32_t kept_of_256 = 128;
  // Bytes that are kept or lost together; 0: each write as a whole.
  uint32_t atom_bytes = 512;
};

struct CrashSummary {
  uint64_t durable_writes = 0;
  uint64_t volatile_writes = 0;
  uint64_t kept_atoms = 0;
  uint64_t lost_atoms = 0;
};

// Events are numbered from 0. A crash at E comes before event E: events 0 to E - 1 have happened.
class Recording {
 public:
  static constexpr uint64_t kNever = UINT64_MAX;

  struct Flush {
    uint64_t issued = kNever;
    uint64_t completed = kNever;
    // False: the device said that it was done, and did nothing, or failed.
    bool was_honoured = false;
  };

  Recording(uint64_t block_count, const BlockImage* below);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // What the device held at the beginning. Durable.
  BlockImage& base() { return base_; }
  const BlockImage& base() const { return base_; }
  // What it shows now.
  const BlockImage& live() const { return live_; }
  // What is durable at the moment of the last Crash.
  const BlockImage& stable() const { return stable_; }
  uint64_t event_count() const { return events_; }
  const std::vector<Flush>& flushes() const { return flushes_; }

  size_t IssueWrite(uint64_t offset, const uint8_t* bytes, size_t size);
  void CompleteWrite(size_t write);
  size_t IssueFlush();
  void CompleteFlush(size_t flush, bool is_honoured);
  // An event of its own; returns its number.
  uint64_t Mark() { return events_++; }
  // Writes whose fate a crash at `event` leaves open.
  uint64_t VolatileWritesAt(uint64_t event) const;

  // Brings stable() to what was durable at `event`, and puts into `into`, which lies over stable(),
  // what survives of the rest. A flush covers the writes that were completed before it was issued,
  // and only once it is completed itself.
  CrashSummary Crash(uint64_t event, const Coins& coins, BlockImage* into);

  // Forgets everything; the base becomes what lies below.
  void Reset();

 private:
  struct Write {
    uint64_t offset;
    std::vector<uint8_t> bytes;
    uint64_t issued;
    uint64_t completed = kNever;
  };

  // Writes completed before it are durable at `event`.
  uint64_t DurableBefore(uint64_t event) const;
  void AdvanceStable(uint64_t durable_before);

  uint64_t events_ = 0;
  std::vector<Write> writes_;
  std::vector<size_t> completion_order_;
  std::vector<Flush> flushes_;
  // How many of completion_order_ are in stable_.
  size_t stable_writes_ = 0;
  BlockImage base_;
  BlockImage live_;
  BlockImage stable_;
};

}  // namespace seawall::crash

// FaultTrial: a durable log, one fault of the device, and what the next open makes of it (F13 to
// F15, and F12 without powersafe overwrite).
//
// Survived: every acknowledged record is there. Detected: a typed error. Missed: the log opens
// shorter than was acknowledged. A miss is a violation (I15) when there was evidence: a later batch
// or the master record promises what is gone, and can be read. Wrong or invented records always
// are.
#pragma once

#include <string>
#include <vector>

#include "log_session.h"

namespace seawall::crash {

enum class FaultOutcome : uint8_t { kSurvived, kDetected, kMissed };

// A log that was written batch by batch, and what is known of it.
class FaultTrial {
 public:
  // `mark_after`: after so many batches the log goes idle, so that the master record promises what
  // is there. UINT32_MAX: never. The faults of `faults` hit while it is written.
  FaultTrial(const Setup& setup, uint32_t mark_after,
             const std::vector<simulation::Fault>& faults = {});

  const std::shared_ptr<simulation::SimulatedDisk>& disk() const { return disk_; }
  const LogModel& model() const { return model_; }
  // It was written without an error.
  bool is_written() const { return written_; }
  uint64_t fault_hits() const { return disk_->fault_hits(); }

  // Opens what `image` is and compares. `master_is_good`: the fault did not touch the master
  // record.
  FaultOutcome Judge(const std::shared_ptr<simulation::SimulatedDisk>& image, bool master_is_good,
                     Verdict* violation) const;

 private:
  bool HasEvidence(const simulation::SimulatedDisk& image, size_t recovered,
                   bool master_is_good) const;
  bool IsOnDisk(const simulation::SimulatedDisk& image, const IssuedRecord& record) const;

  const Setup setup_;
  std::shared_ptr<simulation::SimulatedDisk> disk_;
  LogModel model_;
  std::vector<Lsn> batch_starts_;  // of each record: what was durable when its batch was sealed
  Lsn marked_ = 0;
  bool written_ = false;
};

// Where the bytes at `lsn` are.
std::string PathOf(Lsn lsn);
uint64_t OffsetOf(Lsn lsn);

}  // namespace seawall::crash

// LogModel: what the log may and must hold, from what was appended and acknowledged. Kept by the
// harness; nothing in it is read from the code under test but what that code promised.
//
// Acknowledged (D) <= recovered (R) <= issued (I). What a recovery has shown is acknowledged from
// then on, and what it did not show never was issued.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/lsn.h"
#include "log/log.h"
#include "violation.h"

namespace seawall::crash {

struct IssuedRecord {
  Lsn lsn = 0;
  Lsn end = 0;
  uint32_t number = 0;  // decides its bytes
  uint32_t bytes = 0;
};

// The body of a record: every number has bytes of its own.
void FillBody(uint32_t number, uint32_t bytes, std::string* body);
bool IsBody(uint32_t number, const uint8_t* data, size_t bytes);

// What a scan of the whole log found, beside what was issued.
struct ComparedRecords {
  Status status;          // of the scan
  size_t recovered = 0;   // records that are those issued, one after the other
  bool is_wrong = false;  // then comes another one
  Lsn wrong_lsn = 0;
};

class LogModel {
 public:
  uint32_t Issue(Lsn lsn, Lsn end, uint32_t bytes);
  uint32_t next_number() const { return next_number_; }
  // Everything that ends at or before `flushed` is durable, says the log.
  void Acknowledge(Lsn flushed);
  void RequestTruncate(Lsn lsn) { oldest_requested_ = lsn; }
  void ConfirmTruncate() { oldest_ = oldest_requested_; }
  void RequestCheckpoint(Lsn lsn) { checkpoint_requested_ = lsn; }
  void ConfirmCheckpoint() { checkpoint_ = checkpoint_requested_; }
  // Opened: what `log` shows is compared, and is promised from now on.
  Verdict Expose(Log* log, const RecoveryReport& report);
  // The same records again, later in the same open.
  ComparedRecords CompareAll(Log* log) const;

  // The newest acknowledged record; null when there is none.
  const IssuedRecord* NewestAcknowledged() const;
  const std::vector<IssuedRecord>& issued() const { return issued_; }
  size_t acknowledged() const { return acknowledged_; }
  // Records that a recovery did not keep, in the order of their LSNs.
  const std::vector<IssuedRecord>& cut() const { return cut_; }
  uint64_t Hash() const;

 private:
  Verdict CompareEnd(const RecoveryReport& report, size_t recovered) const;
  void Forget(Lsn oldest);

  std::vector<IssuedRecord> issued_;
  std::vector<IssuedRecord> cut_;
  size_t acknowledged_ = 0;
  uint32_t next_number_ = 1;
  uint32_t incarnation_ = 0;  // newest that was shown
  Lsn oldest_ = 0;
  Lsn oldest_requested_ = 0;
  Lsn checkpoint_ = 0;
  Lsn checkpoint_requested_ = 0;
};

}  // namespace seawall::crash

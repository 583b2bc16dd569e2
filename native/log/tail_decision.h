// Where does the log end, and is that a torn tail or damage? Pure: findings in, decision out.
//
// A record that was never acknowledged may be missing in part after a crash: that is a torn tail,
// and it is cut. A record that was acknowledged may not. What tells them apart is the promise that
// every record carries: all bytes below it were durable when it was written. So after the first
// invalid fragment the bytes behind it are searched for a record of the same incarnation that
// promises more. Two bounds make the search short and complete:
//   - a record at LSN p is framed only while p - durable prefix <= in_flight_max, so a record
//   further than in_flight_max
//     behind the stop promises more than the stop;
//   - a fragment is shorter than in_flight_max, so if the log reached that far, one begins within 2
//   x in_flight_max.
// Records of earlier incarnations are no evidence: their promises are void from where the newest
// incarnation began.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "format/record_header.h"
#include "log/fragment_sequence.h"
#include "log/log_environment.h"

namespace seawall {

// What the look-ahead found behind the stop.
struct PromiseEvidence {
  Lsn promise_lsn = 0;      // the furthest promise
  Lsn found_at_lsn = 0;     // the record that carries it
  Lsn written_end_lsn = 0;  // end of the last record of this incarnation that was found; 0 for none
};

// Looks at every aligned position of data[0, bytes) (data[0] is at `lsn`) for a header of
// `incarnation`, and adds to `evidence`. Only headers are checked: a promise holds whether or not
// the body behind it arrived.
void CollectEvidence(const uint8_t* data, size_t bytes, Lsn lsn, uint32_t header_seed,
                     uint32_t incarnation, PromiseEvidence* evidence);

struct TailFindings {
  // From the master record.
  bool master_clean = false;
  Lsn master_promise_lsn = 0;
  uint32_t master_incarnation = 0;
  // From the scan, which began at master_promise_lsn.
  Lsn end_lsn = 0;   // end of the last complete record
  Lsn stop_lsn = 0;  // the first fragment that is not valid; beyond end_lsn when a record lacks its
                     // last pieces
  FragmentVerdict stop_verdict = FragmentVerdict::kHeaderInvalid;
  const char* stop_reason = "";
  PromiseEvidence evidence;
};

enum class TailVerdict : uint8_t {
  kClean,        // nothing beyond the end
  kTorn,         // something beyond the end that was never promised
  kDamaged,      // durable bytes do not read back
  kMasterOlder,  // the log goes on where the master record says that it was closed
};

struct TailOutcome {
  TailVerdict verdict = TailVerdict::kClean;
  Lsn end_lsn = 0;
  uint64_t cut_bytes = 0;
  std::string reason;
};

TailOutcome DecideTail(const TailFindings& findings);

}  // namespace seawall

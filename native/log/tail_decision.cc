#include "log/tail_decision.h"

#include <algorithm>

#include "base/bytes.h"

namespace seawall {

void CollectEvidence(const uint8_t* data, size_t bytes, Lsn lsn, uint32_t header_seed,
                     uint32_t incarnation, PromiseEvidence* evidence) {
  SEAWALL_ASSERT(IsAligned(lsn, layout::record_alignment_bytes));
  constexpr size_t kIncarnationOffset = offsetof(layout::RecordHeader, incarnation);
  for (size_t at = 0; at + kRecordHeaderBytes <= bytes; at += layout::record_alignment_bytes) {
    // Nearly every position is rejected by this one comparison; the rest pay for a checksum of 24
    // bytes.
    if (LoadLittleEndian<uint32_t>(data + at + kIncarnationOffset) != incarnation) continue;
    layout::RecordHeader header;
    if (CheckRecordHeader(data + at, header_seed, lsn + at, &header) != HeaderVerdict::kValid)
      continue;
    const Lsn promise = PromiseOf(header, lsn + at);
    if (promise > evidence->promise_lsn) {
      evidence->promise_lsn = promise;
      evidence->found_at_lsn = lsn + at;
    }
    evidence->written_end_lsn =
        std::max(evidence->written_end_lsn, lsn + at + StreamBytes(header.record_bytes));
  }
}

TailOutcome DecideTail(const TailFindings& findings) {
  SEAWALL_ASSERT(findings.master_promise_lsn <= findings.end_lsn &&
                 findings.end_lsn <= findings.stop_lsn);
  TailOutcome outcome;
  outcome.end_lsn = findings.end_lsn;
  if (findings.evidence.promise_lsn > findings.stop_lsn) {
    outcome.verdict = TailVerdict::kDamaged;
    outcome.reason = std::string(findings.stop_reason) + ", but the record at LSN " +
                     std::to_string(findings.evidence.found_at_lsn) +
                     " promises that everything below LSN " +
                     std::to_string(findings.evidence.promise_lsn) + " was durable";
    return outcome;
  }
  if (findings.stop_verdict == FragmentVerdict::kForeignIncarnation ||
      (findings.master_clean && findings.end_lsn > findings.master_promise_lsn)) {
    outcome.verdict = TailVerdict::kMasterOlder;
    outcome.reason = "the log is newer than its master record";
    return outcome;
  }
  const Lsn written_end = std::max(findings.evidence.written_end_lsn, findings.stop_lsn);
  outcome.cut_bytes = written_end - findings.end_lsn;
  outcome.verdict = outcome.cut_bytes > 0 ? TailVerdict::kTorn : TailVerdict::kClean;
  outcome.reason = findings.stop_reason;
  return outcome;
}

}  // namespace seawall

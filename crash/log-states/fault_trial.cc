#include "fault_trial.h"

#include <cstdio>
#include <cstring>

#include "base/bytes.h"

namespace seawall::crash {

namespace {

constexpr LogGeometry kGeometry = {kSegmentBytes, 4096};

// Two records a batch, of sizes that share blocks, cross them, and go on in the next segment.
constexpr Step kBatches[][2] = {
    {Step::kAppendTiny, Step::kAppendSector},      {Step::kAppendSector, Step::kAppendTiny},
    {Step::kAppendBlocks, Step::kAppendTiny},      {Step::kAppendSector, Step::kAppendSector},
    {Step::kAppendFragments, Step::kAppendSector}, {Step::kAppendTiny, Step::kAppendTiny},
    {Step::kAppendSector, Step::kAppendTiny},
};

bool IsTyped(const Status& status) {
  switch (status.code()) {
    case Code::kCorruptLog:
    case Code::kLogMismatch:
    case Code::kUnsupportedFormat:
    case Code::kIo:
    case Code::kNotALog:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string PathOf(Lsn lsn) {
  char path[64];
  std::snprintf(path, sizeof(path), "%s/wal/%020llu.wal", kDirectory,
                static_cast<unsigned long long>(kGeometry.SegmentOf(lsn)));
  return path;
}

uint64_t OffsetOf(Lsn lsn) { return kGeometry.FileOffsetOf(lsn); }

FaultTrial::FaultTrial(const Setup& setup, uint32_t mark_after,
                       const std::vector<simulation::Fault>& faults)
    : setup_(setup), disk_(std::make_shared<simulation::SimulatedDisk>(setup.device)) {
  disk_->CreateDirectory(kDirectory);
  for (const simulation::Fault& fault : faults) disk_->AddFault(fault);
  LogSession session(disk_, setup, LogModel());
  session.does_not_check_stability = true;
  bool changed = false;
  if (session.Open()) return;
  for (uint32_t batch = 0; batch < std::size(kBatches); batch++) {
    const Lsn start = session.log()->flushed_lsn();
    for (const Step step : kBatches[batch])
      if (session.Run(step, &changed)) return;
    if (session.Run(Step::kFlush, &changed)) return;
    batch_starts_.resize(session.model().issued().size(), start);
    // Twice: the first turn may prepare a segment, which takes the promise along without a mark.
    if (batch + 1 != mark_after && batch + 2 != mark_after) continue;
    if (session.Run(Step::kBackground, &changed)) return;
    marked_ = session.log()->flushed_lsn();
  }
  model_ = session.model();
  written_ = true;
}

bool FaultTrial::IsOnDisk(const simulation::SimulatedDisk& image,
                          const IssuedRecord& record) const {
  if (!image.Exists(PathOf(record.lsn))) return false;
  if (!image.IsReadable(PathOf(record.lsn), OffsetOf(record.lsn), kRecordHeaderBytes)) return false;
  const std::vector<uint8_t> now = image.Bytes(PathOf(record.lsn));
  const std::vector<uint8_t> written = disk_->Bytes(PathOf(record.lsn));
  const uint64_t offset = OffsetOf(record.lsn);
  return offset + kRecordHeaderBytes <= now.size() &&
         std::memcmp(now.data() + offset, written.data() + offset, kRecordHeaderBytes) == 0 &&
         !AllZero(now.data() + offset, kRecordHeaderBytes);
}

bool FaultTrial::HasEvidence(const simulation::SimulatedDisk& image, size_t recovered,
                             bool master_is_good) const {
  const std::vector<IssuedRecord>& issued = model_.issued();
  const Lsn lost = issued[recovered].lsn;
  if (master_is_good && lost < marked_) return true;
  for (size_t i = recovered + 1; i < issued.size(); i++)
    if (batch_starts_[i] > lost && IsOnDisk(image, issued[i])) return true;
  return false;
}

FaultOutcome FaultTrial::Judge(const std::shared_ptr<simulation::SimulatedDisk>& image,
                               bool master_is_good, Verdict* violation) const {
  LogSession session(image, setup_, model_);
  session.does_not_check_stability = true;
  const Verdict broken = session.Open();
  if (!broken) return FaultOutcome::kSurvived;
  if (!session.status().ok()) {
    if (!IsTyped(session.status())) *violation = broken;
    return FaultOutcome::kDetected;
  }
  const ComparedRecords compared = model_.CompareAll(session.log());
  if (!compared.status.ok()) {
    if (!IsTyped(compared.status)) *violation = broken;
    return FaultOutcome::kDetected;
  }
  if (compared.is_wrong) {
    *violation = broken;
  } else if (compared.recovered < model_.acknowledged() &&
             HasEvidence(*image, compared.recovered, master_is_good)) {
    *violation = Violation{"I15", "a shorter log in spite of evidence: " + broken->message};
  } else if (compared.recovered >= model_.acknowledged()) {
    return FaultOutcome::kSurvived;
  }
  return FaultOutcome::kMissed;
}

}  // namespace seawall::crash

#include "log_model.h"

#include <algorithm>
#include <cstring>

#include "device/block.h"
#include "format/record_header.h"

namespace seawall::crash {

namespace {

uint64_t WordOf(uint32_t number) { return simulation::Mix(number, 0x5EA1) | 1; }

Violation Broken(const char* oracle, std::string message) { return {oracle, std::move(message)}; }

std::string Text(uint64_t number) { return std::to_string(number); }

}  // namespace

void FillBody(uint32_t number, uint32_t bytes, std::string* body) {
  body->resize(bytes);
  const uint64_t word = WordOf(number);
  for (size_t at = 0; at < bytes; at += sizeof(word))
    std::memcpy(body->data() + at, &word, std::min(sizeof(word), bytes - at));
}

bool IsBody(uint32_t number, const uint8_t* data, size_t bytes) {
  const uint64_t word = WordOf(number);
  if (std::memcmp(data, &word, std::min(sizeof(word), bytes)) != 0) return false;
  return bytes <= sizeof(word) || std::memcmp(data, data + sizeof(word), bytes - sizeof(word)) == 0;
}

uint32_t LogModel::Issue(Lsn lsn, Lsn end, uint32_t bytes) {
  issued_.push_back({lsn, end, next_number_, bytes});
  return next_number_++;
}

void LogModel::Acknowledge(Lsn flushed) {
  while (acknowledged_ < issued_.size() && issued_[acknowledged_].end <= flushed)
    acknowledged_ += 1;
}

const IssuedRecord* LogModel::NewestAcknowledged() const {
  return acknowledged_ == 0 ? nullptr : &issued_[acknowledged_ - 1];
}

void LogModel::Forget(Lsn oldest) {
  while (!issued_.empty() && issued_.front().lsn < oldest) {
    issued_.erase(issued_.begin());
    acknowledged_ -= acknowledged_ > 0 ? 1 : 0;
  }
}

ComparedRecords LogModel::CompareAll(Log* log) const {
  ComparedRecords compared;
  std::unique_ptr<LogReader> reader;
  compared.status = log->NewReader(log->oldest_lsn(), UINT64_MAX, &reader);
  while (compared.status.ok()) {
    RecordBatch batch;
    compared.status = reader->Next(&batch);
    if (!compared.status.ok() || batch.count() == 0) break;
    for (size_t i = 0; i < batch.count(); i++) {
      const uint32_t offset = batch.index[3 * i];
      const uint32_t bytes = batch.index[3 * i + 1];
      compared.wrong_lsn = batch.base_lsn + offset - kRecordHeaderBytes;
      compared.is_wrong = compared.recovered == issued_.size();
      if (compared.is_wrong) return compared;
      const IssuedRecord& issued = issued_[compared.recovered];
      compared.is_wrong = issued.lsn != compared.wrong_lsn || issued.bytes != bytes ||
                          !IsBody(issued.number, batch.buffer.get() + offset, bytes);
      if (compared.is_wrong) return compared;
      compared.recovered += 1;
    }
  }
  return compared;
}

Verdict LogModel::CompareEnd(const RecoveryReport& report, size_t recovered) const {
  if (recovered < acknowledged_) {
    return Broken("I4", "recovered " + Text(recovered) + " records, acknowledged were " +
                            Text(acknowledged_) + "; the log ends at LSN " + Text(report.end_lsn) +
                            ": " + report.reason);
  }
  if (recovered > 0 && report.end_lsn < issued_[recovered - 1].end)
    return Broken("I6", "the log ends at LSN " + Text(report.end_lsn) + ", inside a record");
  return std::nullopt;
}

Verdict LogModel::Expose(Log* log, const RecoveryReport& report) {
  if (report.oldest_lsn != oldest_ && report.oldest_lsn != oldest_requested_)
    return Broken("I1", "the log begins at LSN " + Text(report.oldest_lsn));
  if (report.checkpoint_lsn != checkpoint_ && report.checkpoint_lsn != checkpoint_requested_)
    return Broken("I9", "the checkpoint is at LSN " + Text(report.checkpoint_lsn));
  if (report.incarnation <= incarnation_)
    return Broken("I6", "incarnation " + Text(report.incarnation) + " was used before");
  Forget(report.oldest_lsn);
  const ComparedRecords compared = CompareAll(log);
  const size_t recovered = compared.recovered;
  if (!compared.status.ok())
    return Broken("I1", "what was recovered cannot be read: " + compared.status.ToString());
  if (compared.is_wrong) {
    return Broken("I3", "the record at LSN " + Text(compared.wrong_lsn) +
                            " was never issued there, or was cut");
  }
  if (Verdict broken = CompareEnd(report, recovered)) return broken;
  if (recovered < issued_.size())
    cut_.assign(issued_.begin() + static_cast<ptrdiff_t>(recovered), issued_.end());
  issued_.resize(recovered);
  acknowledged_ = recovered;
  incarnation_ = report.incarnation;
  oldest_ = oldest_requested_ = report.oldest_lsn;
  checkpoint_ = checkpoint_requested_ = report.checkpoint_lsn;
  return std::nullopt;
}

uint64_t LogModel::Hash() const {
  uint64_t hash = simulation::Mix(acknowledged_, incarnation_);
  hash = simulation::Mix(hash, simulation::Mix(oldest_, oldest_requested_));
  hash = simulation::Mix(hash, simulation::Mix(checkpoint_, checkpoint_requested_));
  for (const IssuedRecord& record : issued_)
    hash = simulation::Mix(hash, simulation::Mix(record.lsn, record.number));
  // Only what the probe after a recovery looks at.
  for (const IssuedRecord& record : cut_) hash = simulation::Mix(hash, record.lsn);
  return hash;
}

}  // namespace seawall::crash

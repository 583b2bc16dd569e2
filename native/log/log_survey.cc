#include "log/log_survey.h"

#include <algorithm>

#include "base/bytes.h"
#include "io/aligned_buffer.h"
#include "log/log_directory.h"
#include "log/master_file.h"
#include "log/recovery.h"

namespace seawall {

namespace {

constexpr uint64_t kReadBytesMax = uint64_t{1} << 20;
// A log that is written meanwhile moves on; one that is damaged stays where it is.
constexpr int kTriesMax = 50;
// A log that lacks more than these lacks everything.
constexpr size_t kMissingListedMax = 10'000;

std::string MasterPath(const std::string& directory) { return directory + "/master"; }

Status ReadSlots(Storage* storage, const std::string& directory, AlignedBuffer* slots) {
  std::unique_ptr<File> file;
  Status opened = storage->Open(MasterPath(directory), OpenMode::kRead, &file);
  // As an open says it: the log is there.
  if (opened.code() == Code::kNotFound) {
    return Status::Error(Code::kCorruptLog, "the master record is missing")
        .WithPath(MasterPath(directory));
  }
  SEAWALL_RETURN_IF_ERROR(std::move(opened));
  return MasterFile::ReadSlots(storage, file.get(), slots);
}

Status ReadMasterFields(Storage* storage, const std::string& directory, MasterFields* fields) {
  AlignedBuffer slots;
  SEAWALL_RETURN_IF_ERROR(ReadSlots(storage, directory, &slots));
  return ChooseMasterSlot(slots.data(), slots.data() + layout::master_slot_bytes,
                          MasterPath(directory), fields);
}

SegmentHeaderFields IdentityOf(const LogId& log_id, const LogGeometry& geometry) {
  SegmentHeaderFields identity;
  identity.log_id = log_id;
  identity.geometry = geometry;
  return identity;
}

// Refused, and not because of what the log's bytes are.
bool IsFailureToLook(const Status& status) {
  return status.code() == Code::kPermission || status.code() == Code::kUnsupportedFormat;
}

}  // namespace

LogSurvey::LogSurvey(std::unique_ptr<Storage> storage, const std::string& directory)
    : storage_(std::move(storage)), directory_(directory) {}

Status LogSurvey::Open(std::unique_ptr<Storage> storage, const std::string& directory,
                       std::unique_ptr<LogSurvey>* survey) {
  std::unique_ptr<LogSurvey> opening(new LogSurvey(std::move(storage), directory));
  DirectoryContent content;
  SEAWALL_RETURN_IF_ERROR(ExamineDirectory(opening->storage_.get(), directory, &content));
  if (content.kind == DirectoryContent::kNothing)
    return Status::Error(Code::kNotFound, "there is no log here").WithPath(directory);
  opening->findings_.is_store = content.is_store;
  SEAWALL_RETURN_IF_ERROR(opening->ReadMaster());
  if (content.has_segment_directory) SEAWALL_RETURN_IF_ERROR(opening->ReadSegments());
  SEAWALL_RETURN_IF_ERROR(opening->Identify());
  opening->FindMissingSegments();
  const LogSurveyFindings& findings = opening->findings_;
  opening->segments_ = std::make_unique<SegmentFiles>(
      opening->storage_.get(), directory, IdentityOf(findings.log_id, findings.geometry),
      OpenMode::kRead, SegmentFiles::Headers::kIgnored);
  *survey = std::move(opening);
  return Status::Ok();
}

Status LogSurvey::ReadMaster() {
  const std::string path = MasterPath(directory_);
  AlignedBuffer slots;
  Status read = ReadSlots(storage_.get(), directory_, &slots);
  if (IsFailureToLook(read)) return read;
  if (!read.ok()) {
    for (SlotSurvey& slot : findings_.slots) slot.status = read;
    return Status::Ok();
  }
  for (int i = 0; i < 2; i++) {
    SlotSurvey& slot = findings_.slots[i];
    slot.status =
        DecodeMasterSlot(slots.data() + i * layout::master_slot_bytes, path, &slot.fields);
    if (IsFailureToLook(slot.status)) return slot.status;
  }
  Status chosen = ChooseMasterSlot(slots.data(), slots.data() + layout::master_slot_bytes, path,
                                   &findings_.master);
  findings_.has_master = chosen.ok();
  if (chosen.code() == Code::kLogMismatch) {
    for (SlotSurvey& slot : findings_.slots) slot.status = chosen;
  }
  return Status::Ok();
}

Status LogSurvey::ReadSegments() {
  std::vector<std::string> names;
  SEAWALL_RETURN_IF_ERROR(storage_->List(directory_ + "/wal", &names));
  for (const std::string& name : names) {
    SegmentSurvey segment;
    if (!SegmentFiles::ParseName(name, &segment.number)) continue;
    segment.status = ReadSegment(directory_ + "/wal/" + name, &segment);
    // A version that is not known may be damage as well; the records say.
    if (segment.status.code() == Code::kPermission) return segment.status;
    // Recycled while we looked.
    if (segment.status.code() == Code::kNotFound) continue;
    findings_.segments.push_back(std::move(segment));
  }
  std::sort(findings_.segments.begin(), findings_.segments.end(),
            [](const SegmentSurvey& a, const SegmentSurvey& b) { return a.number < b.number; });
  return Status::Ok();
}

Status LogSurvey::ReadSegment(const std::string& path, SegmentSurvey* segment) {
  std::unique_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(storage_->Open(path, OpenMode::kRead, &file));
  SEAWALL_RETURN_IF_ERROR(file->Size(&segment->bytes));
  if (segment->bytes < layout::block_bytes_min)
    return Status::Error(Code::kCorruptLog, "a segment has the wrong size").WithPath(path);
  AlignedBuffer block(layout::block_bytes_min, storage_->alignment().memory_bytes);
  SEAWALL_RETURN_IF_ERROR(file->ReadAt(0, block.data(), block.bytes()));
  return ParseSegmentHeader(block.data(), path, &segment->fields);
}

// From the master record, or else from the newest segment whose header is whole.
Status LogSurvey::Identify() {
  if (findings_.has_master) {
    findings_.log_id = findings_.master.log_id;
    findings_.geometry = findings_.master.geometry;
    findings_.incarnation_max = findings_.master.incarnation;
    findings_.oldest_lsn = findings_.master.oldest_lsn;
  } else {
    const SegmentSurvey* newest = nullptr;
    for (const SegmentSurvey& segment : findings_.segments) {
      if (!segment.status.ok()) continue;
      if (newest == nullptr || segment.fields.incarnation >= newest->fields.incarnation)
        newest = &segment;
    }
    if (newest == nullptr) {
      for (const SegmentSurvey& segment : findings_.segments) {
        if (segment.status.code() == Code::kUnsupportedFormat) return segment.status;
      }
      return Status::Error(Code::kCorruptLog,
                           "neither the master record nor any segment header can be read")
          .WithPath(directory_);
    }
    findings_.log_id = newest->fields.log_id;
    findings_.geometry = newest->fields.geometry;
    findings_.incarnation_max = UINT32_MAX;
  }
  // Somebody else's: no log goes on as far as that.
  std::vector<SegmentSurvey>& segments = findings_.segments;
  while (!segments.empty() && !findings_.geometry.Reaches(segments.back().number))
    segments.pop_back();
  if (!findings_.has_master && !segments.empty())
    findings_.oldest_lsn = findings_.geometry.StartOf(segments.front().number);
  SegmentHeaderFields expected = IdentityOf(findings_.log_id, findings_.geometry);
  for (SegmentSurvey& segment : findings_.segments) {
    expected.segment_number = segment.number;
    const std::string& path = segment.status.path();
    if (segment.status.ok()) segment.status = CheckSegmentIdentity(segment.fields, expected, path);
    if (segment.status.ok() && segment.bytes != findings_.geometry.segment_bytes)
      segment.status = Status::Error(Code::kCorruptLog, "a segment has the wrong size");
  }
  if (!findings_.segments.empty())
    findings_.files_end_lsn = findings_.geometry.EndOf(findings_.segments.back().number);
  return Status::Ok();
}

void LogSurvey::FindMissingSegments() {
  if (!findings_.has_master || findings_.master.incarnation == 0) return;
  const uint64_t first = findings_.geometry.SegmentOf(findings_.master.oldest_lsn);
  uint64_t next = first;
  for (const SegmentSurvey& segment : findings_.segments) {
    if (segment.number < first) continue;
    AddMissing(next, segment.number);
    next = segment.number + 1;
  }
  AddMissing(next, findings_.master.last_segment + 1);
}

// Those in [first, end) that the master record knows of.
void LogSurvey::AddMissing(uint64_t first, uint64_t end) {
  std::vector<uint64_t>& missing = findings_.missing_segments;
  end = std::min(end, findings_.master.last_segment + 1);
  for (; first < end && missing.size() < kMissingListedMax; first++) missing.push_back(first);
}

// As Log::CheckNeverWritten, which an open refuses by.
Status LogSurvey::CheckNeverWritten() const {
  const LogGeometry& geometry = findings_.geometry;
  AlignedBuffer block(geometry.block_bytes, storage_->alignment().memory_bytes);
  for (const SegmentSurvey& segment : findings_.segments) {
    std::shared_ptr<File> file;
    SEAWALL_RETURN_IF_ERROR(segments_->Get(segment.number, &file));
    SEAWALL_RETURN_IF_ERROR(file->ReadAt(geometry.block_bytes, block.data(), block.bytes()));
    if (segment.number == 0 && AllZero(block.data(), block.bytes())) continue;
    return Status::Error(Code::kLogMismatch, "the log is newer than its master record")
        .WithPath(segments_->PathOf(segment.number));
  }
  return Status::Ok();
}

Status LogSurvey::FindEnd(RecoveryReport* report) const {
  Status before;
  for (int i = 0; i < kTriesMax; i++) {
    *report = RecoveryReport();
    MasterFields master;
    SEAWALL_RETURN_IF_ERROR(ReadMasterFields(storage_.get(), directory_, &master));
    report->oldest_lsn = master.oldest_lsn;
    report->checkpoint_lsn = master.checkpoint_lsn;
    if (master.incarnation == 0) {
      report->reason = "nothing was ever appended";
      return CheckNeverWritten();
    }
    SegmentFiles segments(storage_.get(), directory_, IdentityOf(master.log_id, master.geometry),
                          OpenMode::kRead);
    Status found = FindTail(master, &segments, kReadBytesMax, report);
    const bool is_same = found.code() == before.code() && found.lsn() == before.lsn() &&
                         found.detail() == before.detail();
    if (found.ok() || is_same) return found;
    before = std::move(found);
  }
  return before;
}

}  // namespace seawall

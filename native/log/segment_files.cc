#include "log/segment_files.h"

#include <algorithm>
#include <cstdio>

#include "io/aligned_buffer.h"

namespace seawall {

namespace {

constexpr size_t kNameDigits = 20;
constexpr const char* kSuffix = ".wal";
constexpr const char* kTemporarySuffix = ".tmp";
constexpr uint64_t kZeroWriteBytes = uint64_t{1} << 20;

bool EndsWith(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

}  // namespace

SegmentFiles::SegmentFiles(Storage* storage, const std::string& log_directory,
                           const SegmentHeaderFields& identity, OpenMode mode, Headers headers)
    : storage_(storage),
      directory_(log_directory + "/wal"),
      identity_(identity),
      mode_(mode),
      headers_(headers) {
  SEAWALL_ASSERT(identity.geometry.IsValid());
}

std::string SegmentFiles::PathOf(uint64_t number) const {
  char name[kNameDigits + 1];
  std::snprintf(name, sizeof(name), "%020llu", static_cast<unsigned long long>(number));
  return directory_ + "/" + name + kSuffix;
}

bool SegmentFiles::ParseName(const std::string& name, uint64_t* number) {
  if (name.size() != kNameDigits + 4 || !EndsWith(name, kSuffix)) return false;
  uint64_t value = 0;
  for (size_t i = 0; i < kNameDigits; i++) {
    if (name[i] < '0' || name[i] > '9') return false;
    const uint64_t digit = static_cast<uint64_t>(name[i] - '0');
    if (value > (layout::lsn_max - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *number = value;
  return true;
}

Status SegmentFiles::List(std::vector<uint64_t>* numbers,
                          std::vector<std::string>* temporary_names) const {
  numbers->clear();
  temporary_names->clear();
  std::vector<std::string> names;
  SEAWALL_RETURN_IF_ERROR(storage_->List(directory_, &names));
  for (const std::string& name : names) {
    uint64_t number = 0;
    if (ParseName(name, &number)) {
      numbers->push_back(number);
    } else if (EndsWith(name, kTemporarySuffix)) {
      temporary_names->push_back(name);
    }
  }
  std::sort(numbers->begin(), numbers->end());
  return Status::Ok();
}

Status SegmentFiles::Get(uint64_t number, std::shared_ptr<File>* file) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = open_files_.find(number);
  if (found != open_files_.end()) {
    *file = found->second;
    return Status::Ok();
  }
  const std::string path = PathOf(number);
  std::unique_ptr<File> opened;
  Status status = storage_->Open(path, mode_, &opened);
  if (status.code() == Code::kNotFound) {
    return std::move(status)
        .WithCode(Code::kCorruptLog)
        .WithDetail("a segment of the log is missing")
        .WithLsn(geometry().StartOf(number));
  }
  SEAWALL_RETURN_IF_ERROR(std::move(status));
  if (headers_ == Headers::kChecked) SEAWALL_RETURN_IF_ERROR(CheckHeader(opened.get(), number));
  *file = std::move(opened);
  open_files_[number] = *file;
  return Status::Ok();
}

Status SegmentFiles::CheckHeader(File* file, uint64_t number) {
  uint64_t bytes = 0;
  SEAWALL_RETURN_IF_ERROR(file->Size(&bytes));
  if (bytes != geometry().segment_bytes) {
    return Status::Error(Code::kCorruptLog, "a segment has the wrong size")
        .WithPath(file->path())
        .WithLsn(geometry().StartOf(number));
  }
  AlignedBuffer block(geometry().block_bytes, storage_->alignment().memory_bytes);
  SEAWALL_RETURN_IF_ERROR(file->ReadAt(0, block.data(), geometry().block_bytes));
  SegmentHeaderFields expected = identity_;
  expected.segment_number = number;
  SegmentHeaderFields fields;
  return DecodeSegmentHeader(block.data(), expected, file->path(), &fields);
}

void SegmentFiles::ForgetBelow(uint64_t number) {
  std::lock_guard<std::mutex> lock(mutex_);
  open_files_.erase(open_files_.begin(), open_files_.lower_bound(number));
}

Status SegmentFiles::WriteZeros(File* file) {
  AlignedBuffer zeros(std::min(kZeroWriteBytes, geometry().segment_bytes),
                      storage_->alignment().memory_bytes);
  for (uint64_t offset = 0; offset < geometry().segment_bytes;) {
    const uint64_t bytes = std::min<uint64_t>(zeros.bytes(), geometry().segment_bytes - offset);
    SEAWALL_RETURN_IF_ERROR(file->WriteAt(offset, zeros.data(), bytes, Durability::kNone));
    offset += bytes;
  }
  return Status::Ok();
}

Status SegmentFiles::WriteHeader(File* file, uint64_t number, uint32_t incarnation,
                                 uint64_t in_flight_max_bytes, uint64_t now_ms) {
  SegmentHeaderFields fields = identity_;
  fields.segment_number = number;
  fields.incarnation = incarnation;
  fields.in_flight_max_bytes = in_flight_max_bytes;
  fields.io_alignment_bytes = storage_->alignment().offset_bytes;
  fields.prepared_at_ms = now_ms;
  AlignedBuffer block(geometry().block_bytes, storage_->alignment().memory_bytes);
  EncodeSegmentHeader(fields, block.data());
  SEAWALL_RETURN_IF_ERROR(
      file->WriteAt(0, block.data(), geometry().block_bytes, Durability::kNone));
  return file->Sync();
}

Status SegmentFiles::Publish(const std::string& temporary, uint64_t number) {
  SEAWALL_RETURN_IF_ERROR(storage_->Rename(temporary, PathOf(number)));
  return storage_->SyncDirectory(directory_);
}

Status SegmentFiles::Create(uint64_t number, uint32_t incarnation, uint64_t in_flight_max_bytes,
                            uint64_t now_ms) {
  const std::string temporary = PathOf(number) + kTemporarySuffix;
  Status removed = storage_->Remove(temporary);
  if (!removed.ok() && removed.code() != Code::kNotFound) return removed;
  std::unique_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(storage_->Open(temporary, OpenMode::kCreateNew, &file));
  Status status = file->Allocate(geometry().segment_bytes);
  if (status.ok()) status = WriteZeros(file.get());
  if (status.ok())
    status = WriteHeader(file.get(), number, incarnation, in_flight_max_bytes, now_ms);
  if (!status.ok()) {
    // The first failure is what the caller must know; a leftover file is removed at the next open.
    Status ignored = storage_->Remove(temporary);
    (void)ignored;
    return std::move(status).WithPath(temporary);
  }
  return Publish(temporary, number);
}

Status SegmentFiles::Recycle(const std::string& old_path, uint64_t number, uint32_t incarnation,
                             uint64_t in_flight_max_bytes, uint64_t now_ms) {
  const std::string temporary = PathOf(number) + kTemporarySuffix;
  SEAWALL_RETURN_IF_ERROR(storage_->Rename(old_path, temporary));
  std::unique_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(storage_->Open(temporary, OpenMode::kReadWrite, &file));
  SEAWALL_RETURN_IF_ERROR(
      WriteHeader(file.get(), number, incarnation, in_flight_max_bytes, now_ms));
  return Publish(temporary, number);
}

}  // namespace seawall

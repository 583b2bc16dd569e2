#include "page/page_file.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "format/page_header.h"
#include "format/version_check.h"
#include "io/aligned_buffer.h"

namespace seawall {

namespace {

constexpr size_t kCheckedBytes = sizeof(layout::StoreHeader) - sizeof(uint32_t);

std::string PathIn(const std::string& directory) { return directory + "/pages"; }

Status Damaged(const std::string& path, const char* why) {
  return Status::Error(Code::kCorruptStore, std::string("the header of the data file: ") + why)
      .WithPath(path);
}

Status CheckHeader(const layout::StoreHeader& header, const LogId& log_id, uint32_t page_bytes,
                   const std::string& path) {
  if (header.magic != layout::store_magic) {
    SEAWALL_RETURN_IF_ERROR(CheckByteOrder(header.magic, layout::store_magic, path));
    return Damaged(path, "wrong magic");
  }
  SEAWALL_RETURN_IF_ERROR(CheckFormatVersion(header.format_version, path));
  if (header.header_crc != Crc32c(&header, kCheckedBytes)) return Damaged(path, "wrong checksum");
  if (!IsPageSize(header.page_bytes)) return Damaged(path, "impossible page size");
  if (!(header.log_id == log_id)) {
    return Status::Error(Code::kLogMismatch, "the data file belongs to another log").WithPath(path);
  }
  if (page_bytes != 0 && page_bytes != header.page_bytes) {
    return Status::Error(Code::kOptionMismatch, "pageSize is " + std::to_string(page_bytes) +
                                                    ", the store was created with " +
                                                    std::to_string(header.page_bytes))
        .WithPath(path);
  }
  return Status::Ok();
}

}  // namespace

PageFile::PageFile(std::unique_ptr<File> file, const layout::StoreHeader& header,
                   uint64_t file_bytes)
    : file_(std::move(file)),
      page_bytes_(header.page_bytes),
      seed_(PageSeed(header.log_id)),
      created_at_ms_(header.created_at_ms),
      pages_(file_bytes / header.page_bytes) {}

Status PageFile::Open(Storage* storage, const std::string& directory, const LogId& log_id,
                      uint32_t page_bytes, OpenMode mode, std::unique_ptr<PageFile>* file) {
  const std::string path = PathIn(directory);
  std::unique_ptr<File> opened;
  SEAWALL_RETURN_IF_ERROR(storage->Open(path, mode, &opened));
  uint64_t file_bytes = 0;
  SEAWALL_RETURN_IF_ERROR(opened->Size(&file_bytes));
  if (file_bytes < layout::page_bytes_min) return Damaged(path, "the file is too short");
  AlignedBuffer block(layout::page_bytes_min, storage->alignment().memory_bytes);
  SEAWALL_RETURN_IF_ERROR(opened->ReadAt(0, block.data(), block.bytes()));
  const auto header = LoadLittleEndian<layout::StoreHeader>(block.data());
  SEAWALL_RETURN_IF_ERROR(CheckHeader(header, log_id, page_bytes, path));
  file->reset(new PageFile(std::move(opened), header, file_bytes));
  return Status::Ok();
}

Status PageFile::Create(Storage* storage, const std::string& directory, const LogId& log_id,
                        uint32_t page_bytes, uint64_t now_ms) {
  SEAWALL_ASSERT(IsPageSize(page_bytes));
  const std::string temporary = PathIn(directory) + ".tmp";
  Status removed = storage->Remove(temporary);
  if (!removed.ok() && removed.code() != Code::kNotFound) return removed;
  std::unique_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(storage->Open(temporary, OpenMode::kCreateNew, &file));
  layout::StoreHeader header = {};
  header.magic = layout::store_magic;
  header.format_version = layout::format_version;
  header.page_bytes = page_bytes;
  header.log_id = log_id;
  header.created_at_ms = now_ms;
  header.header_crc = Crc32c(&header, kCheckedBytes);
  AlignedBuffer page(page_bytes, storage->alignment().memory_bytes);
  StoreLittleEndian(page.data(), header);
  SEAWALL_RETURN_IF_ERROR(file->Allocate(page_bytes));
  SEAWALL_RETURN_IF_ERROR(file->WriteAt(0, page.data(), page_bytes, Durability::kNone));
  SEAWALL_RETURN_IF_ERROR(file->Sync());
  file.reset();
  SEAWALL_RETURN_IF_ERROR(storage->Rename(temporary, PathIn(directory)));
  return storage->SyncDirectory(directory);
}

Status PageFile::Grow(uint64_t pages) {
  SEAWALL_ASSERT(pages <= layout::page_id_max);
  std::lock_guard<std::mutex> lock(grow_mutex_);
  if (pages <= this->pages()) return Status::Ok();
  SEAWALL_RETURN_IF_ERROR(file_->Allocate(pages * page_bytes_));
  pages_.store(pages, std::memory_order_release);
  return Status::Ok();
}

}  // namespace seawall

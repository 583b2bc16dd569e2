#include "page/doublewrite.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "format/page_header.h"
#include "io/aligned_buffer.h"

namespace seawall {

namespace {

constexpr size_t kCheckedBytes = sizeof(layout::DoublewriteHeader) - sizeof(uint32_t);
static_assert(sizeof(layout::DoublewriteHeader) +
                      layout::doublewrite_pages_max * sizeof(uint32_t) <=
                  layout::page_bytes_min,
              "header and page ids fit in the smallest page");

std::string PathIn(const std::string& directory) { return directory + "/doublewrite"; }

// The page ids of the batch whose header is in `page`; none when the header is not whole.
std::vector<uint32_t> PageIdsOf(const uint8_t* page, const LogId& log_id, uint32_t page_bytes) {
  const auto header = LoadLittleEndian<layout::DoublewriteHeader>(page);
  if (header.magic != layout::doublewrite_magic ||
      header.format_version != layout::format_version || !(header.log_id == log_id) ||
      header.header_crc != Crc32c(&header, kCheckedBytes) || header.page_bytes != page_bytes ||
      header.page_count > layout::doublewrite_pages_max) {
    return {};
  }
  const uint8_t* const list = page + sizeof(header);
  if (header.page_ids_crc != Crc32c(list, header.page_count * sizeof(uint32_t))) return {};
  std::vector<uint32_t> page_ids(header.page_count);
  CopyBytes(page_ids.data(), list, header.page_count * sizeof(uint32_t));
  return page_ids;
}

// Unreadable counts as damaged: only an error of the device itself means that bytes are lost.
Status ReadForRepair(File* file, uint64_t offset, AlignedBuffer* page, bool* readable) {
  Status status = file->ReadAt(offset, page->data(), page->bytes());
  *readable = status.ok();
  return status.IsLostBytes() ? Status::Ok() : status;
}

// Writes the copy to the page's place when that is damaged and the copy is whole.
Status RepairPage(File* copies, uint64_t copy_offset, PageFile* pages, uint32_t page_id,
                  Lsn end_lsn, uint32_t alignment, bool* repaired) {
  const uint32_t page_bytes = pages->page_bytes();
  *repaired = false;
  if (page_id == 0 || page_id >= pages->pages()) return Status::Ok();
  AlignedBuffer page(page_bytes, alignment);
  bool readable = false;
  SEAWALL_RETURN_IF_ERROR(ReadForRepair(pages->file(), pages->OffsetOf(page_id), &page, &readable));
  const bool is_damaged = !readable || ExaminePage(page.data(), page_bytes, pages->seed(),
                                                   page_id) == PageCondition::kDamaged;
  if (!is_damaged) return Status::Ok();
  SEAWALL_RETURN_IF_ERROR(ReadForRepair(copies, copy_offset, &page, &readable));
  if (!readable ||
      ExaminePage(page.data(), page_bytes, pages->seed(), page_id) != PageCondition::kValid ||
      LoadPageHeader(page.data()).page_lsn >= end_lsn) {
    return Status::Ok();
  }
  *repaired = true;
  return pages->file()->WriteAt(pages->OffsetOf(page_id), page.data(), page_bytes,
                                Durability::kNone);
}

}  // namespace

Doublewrite::Doublewrite(std::unique_ptr<File> file, const LogId& log_id, uint32_t page_bytes)
    : file_(std::move(file)), log_id_(log_id), page_bytes_(page_bytes) {}

Status Doublewrite::Repair(Storage* storage, const std::string& directory, const LogId& log_id,
                           PageFile* pages, Lsn end_lsn, std::vector<uint32_t>* repaired) {
  repaired->clear();
  std::unique_ptr<File> file;
  Status opened = storage->Open(PathIn(directory), OpenMode::kReadWrite, &file);
  if (opened.code() == Code::kNotFound) return Status::Ok();
  SEAWALL_RETURN_IF_ERROR(std::move(opened));
  // What a killed process left may be in a volatile cache only: it must not be believed before it
  // is durable (H10).
  SEAWALL_RETURN_IF_ERROR(file->Sync());
  const uint32_t page_bytes = pages->page_bytes();
  const uint32_t alignment = storage->alignment().memory_bytes;
  uint64_t file_bytes = 0;
  SEAWALL_RETURN_IF_ERROR(file->Size(&file_bytes));
  if (file_bytes < page_bytes) return Status::Ok();
  AlignedBuffer header(page_bytes, alignment);
  bool readable = false;
  SEAWALL_RETURN_IF_ERROR(ReadForRepair(file.get(), 0, &header, &readable));
  if (!readable) return Status::Ok();
  const std::vector<uint32_t> page_ids = PageIdsOf(header.data(), log_id, page_bytes);
  for (size_t i = 0; i < page_ids.size(); i++) {
    const uint64_t copy_offset = (i + 1) * uint64_t{page_bytes};
    if (copy_offset + page_bytes > file_bytes) break;
    bool is_repaired = false;
    SEAWALL_RETURN_IF_ERROR(
        RepairPage(file.get(), copy_offset, pages, page_ids[i], end_lsn, alignment, &is_repaired));
    if (is_repaired) repaired->push_back(page_ids[i]);
  }
  return repaired->empty() ? Status::Ok() : pages->file()->Sync();
}

Status Doublewrite::ListCopies(Storage* storage, const std::string& directory, const LogId& log_id,
                               const PageFile& pages, std::vector<Copy>* copies) {
  copies->clear();
  std::unique_ptr<File> file;
  Status opened = storage->Open(PathIn(directory), OpenMode::kRead, &file);
  if (opened.code() == Code::kNotFound) return Status::Ok();
  SEAWALL_RETURN_IF_ERROR(std::move(opened));
  const uint32_t page_bytes = pages.page_bytes();
  uint64_t file_bytes = 0;
  SEAWALL_RETURN_IF_ERROR(file->Size(&file_bytes));
  if (file_bytes < page_bytes) return Status::Ok();
  AlignedBuffer page(page_bytes, storage->alignment().memory_bytes);
  bool readable = false;
  SEAWALL_RETURN_IF_ERROR(ReadForRepair(file.get(), 0, &page, &readable));
  if (!readable) return Status::Ok();
  const std::vector<uint32_t> page_ids = PageIdsOf(page.data(), log_id, page_bytes);
  for (size_t i = 0; i < page_ids.size(); i++) {
    const uint64_t copy_offset = (i + 1) * uint64_t{page_bytes};
    if (copy_offset + page_bytes > file_bytes) break;
    SEAWALL_RETURN_IF_ERROR(ReadForRepair(file.get(), copy_offset, &page, &readable));
    if (!readable ||
        ExaminePage(page.data(), page_bytes, pages.seed(), page_ids[i]) != PageCondition::kValid) {
      continue;
    }
    copies->push_back({page_ids[i], LoadPageHeader(page.data()).page_lsn});
  }
  return Status::Ok();
}

Status Doublewrite::Remove(Storage* storage, const std::string& directory) {
  Status removed = storage->Remove(PathIn(directory));
  if (removed.code() == Code::kNotFound) return Status::Ok();
  SEAWALL_RETURN_IF_ERROR(std::move(removed));
  return storage->SyncDirectory(directory);
}

Status Doublewrite::Open(Storage* storage, const std::string& directory, const LogId& log_id,
                         uint32_t page_bytes, uint32_t batch_pages_max,
                         std::unique_ptr<Doublewrite>* doublewrite) {
  const std::string path = PathIn(directory);
  std::unique_ptr<File> file;
  Status opened = storage->Open(path, OpenMode::kReadWrite, &file);
  if (opened.code() == Code::kNotFound) opened = storage->Open(path, OpenMode::kCreateNew, &file);
  SEAWALL_RETURN_IF_ERROR(std::move(opened));
  const uint64_t wanted_bytes = (uint64_t{batch_pages_max} + 1) * page_bytes;
  uint64_t file_bytes = 0;
  SEAWALL_RETURN_IF_ERROR(file->Size(&file_bytes));
  if (file_bytes < wanted_bytes) {
    SEAWALL_RETURN_IF_ERROR(file->Allocate(wanted_bytes));
    SEAWALL_RETURN_IF_ERROR(file->Sync());
  }
  SEAWALL_RETURN_IF_ERROR(storage->SyncDirectory(directory));
  doublewrite->reset(new Doublewrite(std::move(file), log_id, page_bytes));
  return Status::Ok();
}

Status Doublewrite::Write(uint8_t* block, const std::vector<uint32_t>& page_ids) {
  SEAWALL_ASSERT(!page_ids.empty() && page_ids.size() <= layout::doublewrite_pages_max);
  ZeroBytes(block, page_bytes_);
  layout::DoublewriteHeader header = {};
  header.magic = layout::doublewrite_magic;
  header.format_version = layout::format_version;
  header.page_bytes = page_bytes_;
  header.log_id = log_id_;
  header.sequence = ++sequence_;
  header.page_count = static_cast<uint32_t>(page_ids.size());
  const size_t list_bytes = page_ids.size() * sizeof(uint32_t);
  header.page_ids_crc = Crc32c(page_ids.data(), list_bytes);
  header.header_crc = Crc32c(&header, kCheckedBytes);
  StoreLittleEndian(block, header);
  CopyBytes(block + sizeof(header), page_ids.data(), list_bytes);
  const size_t bytes = (page_ids.size() + 1) * size_t{page_bytes_};
  return file_->WriteAt(0, block, bytes, Durability::kDurable);
}

}  // namespace seawall

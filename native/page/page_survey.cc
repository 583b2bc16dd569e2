#include "page/page_survey.h"

#include <algorithm>

#include "format/page_header.h"

namespace seawall {

namespace {

constexpr uint64_t kReadBytesMax = uint64_t{1} << 20;

PageFinding FindingOf(PageCondition condition) {
  switch (condition) {
    case PageCondition::kValid:
      return PageFinding::kValid;
    case PageCondition::kNeverWritten:
      return PageFinding::kNeverWritten;
    case PageCondition::kDamaged:
      return PageFinding::kDamaged;
    case PageCondition::kMisplaced:
      return PageFinding::kMisplaced;
  }
  SEAWALL_ASSERT(false && "unknown condition");
}

}  // namespace

PageSurvey::PageSurvey(Storage* storage, std::unique_ptr<PageFile> file)
    : storage_(storage), file_(std::move(file)) {}

Status PageSurvey::Open(Storage* storage, const std::string& directory, const LogId& log_id,
                        std::unique_ptr<PageSurvey>* survey) {
  std::unique_ptr<PageFile> file;
  SEAWALL_RETURN_IF_ERROR(PageFile::Open(storage, directory, log_id, 0, OpenMode::kRead, &file));
  std::unique_ptr<PageSurvey> opened(new PageSurvey(storage, std::move(file)));
  SEAWALL_RETURN_IF_ERROR(
      Doublewrite::ListCopies(storage, directory, log_id, *opened->file_, &opened->copies_));
  *survey = std::move(opened);
  return Status::Ok();
}

PageSurveyRow PageSurvey::Judge(uint32_t page_id, const uint8_t* page) const {
  PageSurveyRow row;
  row.page_id = page_id;
  row.finding = FindingOf(ExaminePage(page, file_->page_bytes(), file_->seed(), page_id));
  if (row.finding == PageFinding::kValid) {
    const layout::PageHeader header = LoadPageHeader(page);
    row.page_lsn = header.page_lsn;
    row.page_type = header.page_type;
  }
  return row;
}

Status PageSurvey::Examine(uint32_t first, uint32_t count, std::vector<PageSurveyRow>* rows) const {
  SEAWALL_ASSERT(first > 0);
  const uint32_t page_bytes = file_->page_bytes();
  const auto pages_max = static_cast<uint32_t>(kReadBytesMax / page_bytes);
  AlignedBuffer pages(uint64_t{std::min(pages_max, count)} * page_bytes,
                      storage_->alignment().memory_bytes);
  for (uint32_t done = 0; done < count;) {
    const uint32_t now = std::min(pages_max, count - done);
    const uint64_t offset = file_->OffsetOf(first + done);
    Status read = file_->file()->ReadAt(offset, pages.data(), uint64_t{now} * page_bytes);
    for (uint32_t i = 0; i < now; i++) {
      uint8_t* const page = pages.data() + uint64_t{i} * page_bytes;
      const uint32_t page_id = first + done + i;
      // One bad sector fails the whole read: then each page is asked for by itself.
      if (!read.ok() && !file_->file()->ReadAt(file_->OffsetOf(page_id), page, page_bytes).ok()) {
        PageSurveyRow unreadable;
        unreadable.page_id = page_id;
        rows->push_back(unreadable);
      } else {
        rows->push_back(Judge(page_id, page));
      }
    }
    done += now;
  }
  return Status::Ok();
}

Status PageSurvey::Read(uint32_t page_id, AlignedBuffer* page) const {
  *page = AlignedBuffer(file_->page_bytes(), storage_->alignment().memory_bytes);
  return file_->file()->ReadAt(file_->OffsetOf(page_id), page->data(), page->bytes());
}

}  // namespace seawall

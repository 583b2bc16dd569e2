// PageSurvey: the data file of a store, looked at from outside: no byte is changed, no page is
// repaired, and what is damaged is said, not refused.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/layout.h"
#include "format/lsn.h"
#include "io/aligned_buffer.h"
#include "io/storage.h"
#include "page/doublewrite.h"
#include "page/page_file.h"

namespace seawall {

// The order is known to lib/inspection/survey/survey-rows.ts.
enum class PageFinding : uint8_t { kValid, kNeverWritten, kDamaged, kMisplaced, kUnreadable };

struct PageSurveyRow {
  uint32_t page_id = 0;
  PageFinding finding = PageFinding::kUnreadable;
  Lsn page_lsn = 0;
  uint32_t page_type = 0;
};

class PageSurvey {
 public:
  // kNotFound when there is no data file; otherwise the errors of PageFile::Open. Blocks, as all of
  // it. `storage` outlives the survey.
  static Status Open(Storage* storage, const std::string& directory, const LogId& log_id,
                     std::unique_ptr<PageSurvey>* survey);

  const PageFile& file() const { return *file_; }
  const std::vector<Doublewrite::Copy>& copies() const { return copies_; }

  // REQUIRES: 0 < first, the pages exist.
  Status Examine(uint32_t first, uint32_t count, std::vector<PageSurveyRow>* rows) const;
  // The bytes of a page, whatever they are.
  Status Read(uint32_t page_id, AlignedBuffer* page) const;

 private:
  PageSurvey(Storage* storage, std::unique_ptr<PageFile> file);
  PageSurveyRow Judge(uint32_t page_id, const uint8_t* page) const;

  Storage* const storage_;
  const std::unique_ptr<PageFile> file_;
  std::vector<Doublewrite::Copy> copies_;
};

}  // namespace seawall

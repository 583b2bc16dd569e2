#include "page/page_read.h"

#include "base/bytes.h"
#include "format/page_header.h"

namespace seawall {

namespace {

PageReadOutcome OutcomeOf(PageCondition condition) {
  switch (condition) {
    case PageCondition::kValid:
      return PageReadOutcome::kValid;
    case PageCondition::kNeverWritten:
      return PageReadOutcome::kNeverWritten;
    case PageCondition::kDamaged:
      return PageReadOutcome::kDamaged;
    case PageCondition::kMisplaced:
      return PageReadOutcome::kMisplaced;
  }
  SEAWALL_ASSERT(false && "unknown condition");
}

}  // namespace

bool PageSource::Submit(const PageRead& read, IoQueue* queue, uint64_t tag) const {
  uint8_t* const frame = frames->At(read.frame);
  if (read.page_id >= file->pages()) {
    ZeroBytes(frame, file->page_bytes());
    return false;
  }
  queue->SubmitRead(file->file(), file->OffsetOf(read.page_id), frame, file->page_bytes(), tag);
  return true;
}

PageReadResult PageSource::Examine(const PageRead& read, const Status& status) const {
  PageReadResult result;
  result.page_id = read.page_id;
  result.frame = read.frame;
  result.sys_errno = status.sys_errno();
  if (!status.ok()) {
    result.outcome = status.IsLostBytes() ? PageReadOutcome::kDamaged : PageReadOutcome::kFailed;
    return result;
  }
  const uint8_t* const page = frames->At(read.frame);
  result.page_lsn = LoadPageHeader(page).page_lsn;
  result.outcome = OutcomeOf(ExaminePage(page, file->page_bytes(), file->seed(), read.page_id));
  // A page is written only when its log is durable, so this page has seen a longer log than ours.
  if (result.outcome == PageReadOutcome::kValid && result.page_lsn >= horizon.flushed_lsn())
    result.outcome = PageReadOutcome::kAheadOfLog;
  return result;
}

}  // namespace seawall

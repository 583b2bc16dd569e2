// One read of a page: what was asked for, and how the page was found.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "io/storage.h"
#include "page/log_horizon.h"
#include "page/page_file.h"
#include "page/page_frames.h"

namespace seawall {

// The order is known to lib/native/binding.ts.
enum class PageReadOutcome : uint8_t {
  kValid,
  kNeverWritten,  // zeros, or beyond the end of the file; the frame is all zeros
  kDamaged,       // wrong checksum, or the device says that the bytes are gone
  kMisplaced,     // another page's bytes
  kAheadOfLog,    // pageLSN is not below the flushed LSN (H56)
  kFailed,        // the read failed with sys_errno
};

struct PageRead {
  uint32_t page_id;
  uint32_t frame;
};

struct PageReadResult {
  uint32_t page_id = 0;
  uint32_t frame = 0;
  PageReadOutcome outcome = PageReadOutcome::kFailed;
  Lsn page_lsn = 0;
  int sys_errno = 0;
};

// Called with at least one result.
using PageReadSink = std::function<void(const std::vector<PageReadResult>& results)>;

// What a reader needs to know of the store it reads for, which outlives it.
struct PageSource {
  PageFile* file;
  PageFrames* frames;
  LogHorizon horizon;

  // Queues the read; false when the page lies beyond the end of the file: its frame is all zeros
  // and there is nothing to wait for.
  bool Submit(const PageRead& read, IoQueue* queue, uint64_t tag) const;
  // Verifies what the read has brought.
  PageReadResult Examine(const PageRead& read, const Status& status) const;
};

}  // namespace seawall

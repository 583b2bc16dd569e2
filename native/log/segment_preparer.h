// SegmentPreparer: keeps segments ready ahead of the writer and takes back those that
// truncateBefore released.
//
// Passive: the background thread calls it. What it changes on disk, in this order: the segment file
// is complete under its final name and durable; then the master record says that it exists; only
// then may the writer use it.
//
// The limit. Records are appended in the first max_log_bytes of the log and nowhere else. A log
// that is full to its end could then not be opened to be truncated, because an open appends a
// record too. So an open may prepare one segment beyond the limit, where none but the records of
// opens go until truncateBefore has released something. It is never more than one: the bound is
// checked against the files that are there, not against what this open has prepared.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "log/master_file.h"
#include "log/segment_files.h"

namespace seawall {

// What a segment is wanted for.
enum class SegmentUse : uint8_t {
  kAppends,      // within max_log_bytes
  kIncarnation,  // the first record of an open: one segment beyond it at most
};

class SegmentPreparer {
 public:
  struct Options {
    uint64_t max_log_bytes = 0;  // 0: no limit
    uint64_t in_flight_max_bytes = 0;
    uint32_t incarnation = 0;
    uint32_t spare_files_max = 2;  // released files kept for reuse; the rest is removed
    uint64_t (*wall_clock_ms)() = nullptr;
  };

  SegmentPreparer(MasterFile* master, SegmentFiles* segments, const Options& options);

  // Takes over what an earlier run left behind: unfinished files are removed, segments outside the
  // log are spare.
  Status AdoptLeftovers();

  uint64_t last_segment() const { return last_segment_.load(std::memory_order_acquire); }
  // End of the files. Beyond limit_end() only an open writes.
  Lsn files_end() const { return segments_->geometry().EndOf(last_segment()); }
  // max_log_bytes allows records up to here as things stand; lsn_max without a limit. Below the end
  // of a log that was opened full. Any thread.
  Lsn limit_end() const;
  // Records may be appended up to here. Never moves back. Any thread.
  Lsn prepared_end() const { return std::min(files_end(), limit_end()); }

  // Prepares the next segment. `promise` is the flushed LSN, which the master record takes along.
  // kNoSpace and kLogFull change nothing and may be tried again; after any other error the log must
  // be poisoned.
  Status PrepareNext(Lsn promise, SegmentUse use);

  // The log begins at `oldest` now, durably: whole segments below it become spare. Moves
  // limit_end().
  Status Release(Lsn oldest);

  uint64_t created() const { return created_.load(std::memory_order_relaxed); }
  uint64_t recycled() const { return recycled_.load(std::memory_order_relaxed); }
  // Files on disk: segments of the log, prepared ones included, and spare ones.
  uint64_t files() const;

 private:
  uint64_t SegmentsMax() const { return options_.max_log_bytes / segment_bytes(); }
  uint64_t segment_bytes() const { return segments_->geometry().segment_bytes; }
  uint64_t SegmentsOfLog() const;
  size_t SpareFilesMax() const;
  Status CheckLimit(SegmentUse use) const;
  Status MakeFile(uint64_t number);
  Status RemoveSurplus();

  MasterFile* const master_;
  SegmentFiles* const segments_;
  const Options options_;
  std::atomic<uint64_t> last_segment_;
  std::atomic<uint64_t> created_{0};
  std::atomic<uint64_t> recycled_{0};
  mutable std::mutex mutex_;
  // The oldest one that the log needs. Changed with mutex_ held.
  std::atomic<uint64_t> first_segment_;
  std::vector<std::string> spare_;  // guarded by mutex_; paths
};

}  // namespace seawall

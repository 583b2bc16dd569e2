// SegmentPreparer: keeps segments ready ahead of the writer and takes back those that
// truncateBefore released.
//
// Passive: the background thread calls it. What it changes on disk, in this order: the segment file
// is complete under its final name and durable; then the master record says that it exists; only
// then may the writer use it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "log/master_file.h"
#include "log/segment_files.h"

namespace seawall {

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
  // The log may be written up to here.
  Lsn prepared_end() const { return segments_->geometry().EndOf(last_segment()); }

  // Prepares the next segment. `promise` is the flushed LSN, which the master record takes along.
  // kNoSpace and kLogFull change nothing and may be tried again; after any other error the log must
  // be poisoned.
  Status PrepareNext(Lsn promise);

  // The log begins at `oldest` now, durably: whole segments below it become spare.
  Status Release(Lsn oldest);

  uint64_t created() const { return created_.load(std::memory_order_relaxed); }
  uint64_t recycled() const { return recycled_.load(std::memory_order_relaxed); }
  // Files on disk: segments of the log, prepared ones included, and spare ones.
  uint64_t files() const;

 private:
  Status CheckLimit() const;
  Status MakeFile(uint64_t number);
  Status RemoveSurplus();

  MasterFile* const master_;
  SegmentFiles* const segments_;
  const Options options_;
  std::atomic<uint64_t> last_segment_;
  std::atomic<uint64_t> created_{0};
  std::atomic<uint64_t> recycled_{0};
  mutable std::mutex mutex_;
  uint64_t first_segment_;          // guarded by mutex_; the oldest one that the log needs
  std::vector<std::string> spare_;  // guarded by mutex_; paths
};

}  // namespace seawall

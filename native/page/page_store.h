// PageStore: pages on disk - read and verified, written under the WAL rule, protected against torn
// writes. Knows nothing of what is in a page.
//
// Threads. Read may be called from any thread and runs on the reader's, or belongs to one thread:
// see PolledPageReader. Stage runs on the thread that owns the frames, Write and Grow on one other
// thread at a time.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "format/layout.h"
#include "io/aligned_buffer.h"
#include "io/storage.h"
#include "page/doublewrite.h"
#include "page/log_horizon.h"
#include "page/page_file.h"
#include "page/page_frames.h"
#include "page/page_reader.h"
#include "page/polled_page_reader.h"

namespace seawall {

struct PageStoreOptions {
  uint32_t page_bytes = 0;                  // 0: as it is
  uint64_t pool_bytes = uint64_t{1} << 20;  // memory for pages ...
  uint64_t frames_min = 16;                 // ... and at least for so many of them
  bool doublewrite = true;                  // false: nothing protects against torn pages here
  // Pages are read by the thread that asks for them, where the storage has queues for that.
  bool polled_reads = false;
  uint32_t polled_reads_in_flight_max = 256;
  uint32_t read_lanes = 4;            // otherwise
  uint32_t reads_in_flight_max = 64;  // of each lane
  uint32_t writes_in_flight_max = 32;
  bool start_threads = true;
};

struct PageStoreCounters {
  std::atomic<uint64_t> pages_read{0};
  std::atomic<uint64_t> pages_written{0};
  std::atomic<uint64_t> batches{0};
  std::atomic<uint64_t> log_waits{0};  // batches that had to wait for the log (WAL rule)
};

// Copies of pages, taken at one moment: what is written is not what is in memory meanwhile.
struct PageBatch {
  AlignedBuffer block;  // room for the doublewrite header, then the pages in a row, then maybe more
  std::vector<uint32_t> page_ids;
  Lsn page_lsn_max = 0;
};

class PageStore {
 public:
  // Opens the store of `directory`, whose log has the identity `log_id` and ends at `end_lsn`.
  // Torn pages are repaired and everything in the data file is durable on return, before anyone has
  // read of it. kNotFound when there is no data file. Blocks.
  static Status Open(Storage* storage, const std::string& directory, const LogId& log_id,
                     Lsn end_lsn, const PageStoreOptions& options, LogHorizon horizon,
                     PageReadSink sink, std::unique_ptr<PageStore>* store,
                     std::vector<uint32_t>* repaired);

  uint32_t page_bytes() const { return file_->page_bytes(); }
  uint64_t pages() const { return file_->pages(); }
  uint32_t batch_pages_max() const { return batch_pages_max_; }
  const std::shared_ptr<PageFrames>& frames() const { return frames_; }
  const PageStoreCounters& counters() const { return counters_; }
  // One of the two is null.
  PageReader* reader() { return reader_.get(); }
  PolledPageReader* polled_reader() { return polled_reader_.get(); }

  // With a polled reader, what nothing has to be read for is in `results` on return.
  void Read(const PageRead* reads, size_t count, std::vector<PageReadResult>* results);
  // Waits for the reads in flight, which have no results. There are none afterwards. The thread
  // that reads.
  void StopPolledReads() { polled_reader_.reset(); }
  // Copies the pages in `frames`, in ascending order of page id, at most batch_pages_max().
  std::unique_ptr<PageBatch> Stage(const uint32_t* frames, size_t count);
  // Gives the memory of a batch back for the next one. Any thread.
  void Recycle(std::unique_ptr<PageBatch> batch);
  // Waits until the log is durable beyond every pageLSN of the batch (WAL rule), then writes the
  // pages. On return they are durable in their places. Fail-stop: after a failed write every later
  // one fails with the same status, because what is on disk is not known any more.
  Status Write(PageBatch* batch);
  // From now on nothing protects against torn pages here. The copies are removed, durably, because
  // they would grow old. The writing thread.
  Status StopDoublewrite();
  // Room for `pages` pages.
  Status Grow(uint64_t pages) { return file_->Grow(pages); }

 private:
  PageStore(Storage* storage, const std::string& directory, std::unique_ptr<PageFile> file,
            std::unique_ptr<Doublewrite> doublewrite, std::unique_ptr<IoQueue> write_queue,
            LogHorizon horizon);
  Status OpenReader(const PageStoreOptions& options, PageReadSink sink);
  AlignedBuffer TakeBlock(size_t count);
  Status AwaitLog(const PageBatch& batch);
  Status WriteDurably(PageBatch* batch);
  Status WriteHome(const PageBatch& batch);
  const uint8_t* PageOf(const PageBatch& batch, size_t i) const;

  Storage* const storage_;
  const std::string directory_;
  const std::unique_ptr<PageFile> file_;
  std::unique_ptr<Doublewrite> doublewrite_;  // null without protection; the writing thread only
  const std::unique_ptr<IoQueue> write_queue_;
  const LogHorizon horizon_;
  const uint32_t batch_pages_max_;
  std::shared_ptr<PageFrames> frames_;
  Status failure_;  // the writing thread only
  std::mutex spare_mutex_;
  std::vector<AlignedBuffer> spare_blocks_;  // guarded by spare_mutex_; for the largest batch
  PageStoreCounters counters_;
  // Last: they go first.
  std::unique_ptr<PageReader> reader_;
  std::unique_ptr<PolledPageReader> polled_reader_;
};

}  // namespace seawall

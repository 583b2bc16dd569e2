// LogWriter: turns framed bytes in the ring into durable bytes on disk, a batch at a time.
//
// One batch is in flight at a time; within it several writes may be. P1 is kept here and nowhere
// else: the durable prefix moves only in Advance, which runs after every write of the batch
// completed in full and after a sync that was issued when they had (or after the batch's only write
// completed as a durable write).
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "io/aligned_buffer.h"
#include "io/ring_memory.h"
#include "io/storage.h"
#include "log/batch_plan.h"
#include "log/segment_files.h"

namespace seawall {

struct WriterCounters {
  std::atomic<uint64_t> batches{0};
  std::atomic<uint64_t> records_sealed{0};
  std::atomic<uint64_t> writes{0};
  std::atomic<uint64_t> write_bytes{0};
  std::atomic<uint64_t> syncs{0};
  // From handing a batch to the drive until its completion was seen.
  std::atomic<uint64_t> drive_us{0};
  std::atomic<uint64_t> drive_us_max{0};
};

class LogWriter {
 public:
  struct Options {
    uint32_t header_seed = 0;
    uint32_t incarnation = 0;
    Lsn start_lsn = 0;  // end of the recovered log
    uint64_t batch_bytes_max = 0;
    uint64_t write_bytes_max = 0;
    bool sync_each_write = true;
    uint64_t (*monotonic_us)() = nullptr;
  };

  // REQUIRES: the ring holds the bytes of start_lsn's block that lie before it.
  LogWriter(SegmentFiles* segments, std::shared_ptr<RingMemory> ring,
            std::unique_ptr<IoQueue> queue, const Options& options);

  // Seals, writes and syncs what is framed between the durable prefix and `published`, at most one
  // batch. After an error nothing has moved, what is on disk is unknown, and the writer must not be
  // used again (P5). REQUIRES: one thread at a time; durable_lsn() < published.
  Status WriteBatch(Lsn published);

  // The same in two steps, for a thread that does not wait for the drive: what is framed below
  // `published` goes to `queue` as one durable write; its completion is handed to Finish. Both
  // return as WriteBatch does. REQUIRES: as WriteBatch; FitsOneWrite(published); nothing else
  // between the two.
  bool FitsOneWrite(Lsn published) const;
  Status Begin(Lsn published, PollableQueue* queue);
  Status Finish(const Status& written);

  // End of the durable bytes: the end of a record or of a fragment. Any thread.
  Lsn durable_lsn() const { return durable_lsn_.load(std::memory_order_acquire); }
  // End of the last record that is wholly durable. Any thread.
  Lsn flushed_lsn() const { return flushed_lsn_.load(std::memory_order_acquire); }
  const WriterCounters& counters() const { return counters_; }
  // How long the last batch that is through was at the drive. The thread that wrote it.
  uint64_t last_drive_us() const { return last_drive_us_; }

 private:
  void Prepare(Lsn published);
  void Seal(Lsn published);
  void CopyTail();
  int SlicesOf(const PlannedWrite& write, IoSlice* slices);
  Status WriteDurably(const PlannedWrite& write);
  Status WriteThenSync();
  Status SubmitAndAwaitWrites();
  Status AwaitAll(size_t count);
  void Advance();

  SegmentFiles* const segments_;
  const std::shared_ptr<RingMemory> ring_;
  const std::unique_ptr<IoQueue> queue_;
  const Options options_;
  AlignedBuffer tail_;  // the copy of the tail block that is handed to the kernel

  uint64_t last_drive_us_ = 0;
  uint64_t handed_over_us_ = 0;  // when the current batch began its way to the drive
  Lsn sealed_lsn_;               // end of the current batch
  Lsn sealed_record_end_;        // end of the last whole record in it
  std::vector<PlannedWrite> writes_;
  std::vector<std::shared_ptr<File>>
      files_;  // of the current batch, each once, kept open until it is synced
  std::atomic<Lsn> durable_lsn_;
  std::atomic<Lsn> flushed_lsn_;
  WriterCounters counters_;
};

}  // namespace seawall

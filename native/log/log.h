// Log: the facade of the native core. Opens and recovers a log directory, hands its ring to one
// appender, writes and syncs what is published, and keeps segments prepared ahead.
//
// Threads. One appending thread frames records in ring() and calls Publish, WaitForSpace,
// FlushSync. The writer thread turns published bytes into durable ones; the background thread
// prepares segments and writes the master record. Everything else here may be called from any
// thread. Nothing here knows Node.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/ring_memory.h"
#include "io/wake_signal.h"
#include "log/control_block.h"
#include "log/log_environment.h"
#include "log/log_reader.h"
#include "log/log_writer.h"
#include "log/master_file.h"
#include "log/record_lookup.h"
#include "log/segment_files.h"
#include "log/segment_preparer.h"

namespace seawall {

struct LogStats {
  Lsn oldest_lsn = 0;
  Lsn flushed_lsn = 0;
  Lsn published_lsn = 0;
  uint32_t incarnation = 0;
  LogGeometry geometry;
  uint64_t buffer_bytes = 0;
  // max_log_bytes allows records up to here as things stand; below the end of a log that was opened
  // full.
  Lsn limit_lsn = layout::lsn_max;
  uint64_t log_bytes = 0;  // size of all segment files, prepared ones included
  uint64_t segments = 0;
  uint64_t segments_created = 0;
  uint64_t segments_recycled = 0;
  uint64_t batches = 0;         // group commits
  uint64_t drive_us = 0;        // their time at the drive, all together
  uint64_t drive_us_max = 0;    // the longest of them
  uint64_t records_sealed = 0;  // records and fragments
  uint64_t device_writes = 0;   // writes submitted for the log itself
  uint64_t device_write_bytes = 0;
  uint64_t device_syncs = 0;  // fdatasyncs; a durable write counts as a write and a sync
  uint64_t master_writes = 0;
  uint64_t append_waits = 0;  // appends that had to wait for space
  uint64_t append_wait_us = 0;
  IoAlignment alignment;
  std::string backend;
  std::string backend_reason;
  bool poisoned = false;
};

enum class LogEvent : uint8_t { kFlushed, kRotated, kPoisoned };

// Called on the thread that did the work, never with a lock of the log held. Must be quick and must
// not call the log. kFlushed comes once after ArmFlushed, with the new flushed LSN.
using LogEventSink = std::function<void(LogEvent event, uint64_t value)>;

class Log {
 public:
  // Opens or (for writing) creates the log in `directory`. Everything that `report` says is kept is
  // durable on return, and for a log open for writing the new incarnation is durable too. A full
  // log may get one segment beyond max_log_bytes for that; kLogFull when this one is full as well.
  // Blocks; call it off the event loop.
  static Status Open(std::unique_ptr<Storage> storage, const std::string& directory,
                     const LogOptions& options, const LogEnvironment& environment,
                     const OpenProgress& progress, LogEventSink sink, std::unique_ptr<Log>* log,
                     RecoveryReport* report);
  // Closes without the clean mark when Close was not called.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // --- the appending thread ---

  // Null when read-only. The ring holds the stream from the block of the durable prefix to
  // append_limit_lsn.
  const std::shared_ptr<RingMemory>& ring() const { return ring_; }
  ControlBlock* control() const { return control_.get(); }
  const std::shared_ptr<ControlBlock>& shared_control() const { return control_; }
  // Everything below `end` is framed and complete; `end` is the end of a record or fragment. Wakes
  // the writer. `waiters` is the number of commits that wait (for commit_siblings).
  void Publish(Lsn end, uint32_t waiters);
  // Blocks until append_limit_lsn >= end. Ok, or why there will be no space: kPoisoned, kClosed,
  // kNoSpace, kLogFull. REQUIRES: everything framed is published, and end - published <=
  // buffer_bytes() / 2.
  Status WaitForSpace(Lsn end);
  // Blocks until segments for everything below `end` are there, whether or not the ring has room:
  // before the first piece of a long record, so that its other pieces cannot fail for want of
  // space. Errors as WaitForSpace.
  Status WaitForSegments(Lsn end);
  // Publishes and makes everything below `end` durable before it returns, on the calling thread
  // when the writer is idle.
  Status FlushSync(Lsn end);
  // Asks for one kFlushed event after the next batch that becomes durable. Call before checking the
  // flushed LSN.
  void ArmFlushed() { flushed_armed_.store(true, std::memory_order_seq_cst); }

  // From now on Publish hands small batches that somebody waits for to the drive itself, on
  // `queue`, and wakes no other thread (log_polled.cc). Whoever calls this calls Poll whenever the
  // queue's descriptor is readable. REQUIRES: the log is open for writing.
  void StartPolling(std::unique_ptr<PollableQueue> queue) { polled_queue_ = std::move(queue); }
  // True when a batch is through, durable or failed; a kFlushed event that was asked for is then
  // the caller's to deliver.
  bool Poll();
  // Waits for the batch in flight, if there is one. Every blocking call of the appending thread
  // begins with it, and so must Close.
  void AwaitPolled();

  // --- any thread ---

  Lsn flushed_lsn() const { return writer_ ? writer_->flushed_lsn() : read_only_end_; }
  Lsn oldest_lsn() const;
  // Releases everything below `lsn`, which is the start of a durable record or flushed_lsn().
  // Durable on return; whole segments below it are reused. Errors: kLsnOutOfRange (not the start of
  // a record, beyond flushed), kReadOnly, ... An lsn at or below oldest_lsn() changes nothing.
  Status TruncateBefore(Lsn lsn);
  // Blocks until the record at `lsn` is durable: lsn < flushed_lsn(). kPoisoned and kClosed when it
  // never will be; kLsnOutOfRange when nothing at `lsn` was published.
  Status WaitFlushed(Lsn lsn);
  // Notes in the master record where a restart begins; 0 when there is no checkpoint. `lsn` is the
  // start of a durable record. Durable on return; the note before it is kept until then.
  Status SetCheckpoint(Lsn lsn);
  // Starts a forward scan of the records in [from, to); `to` may lie beyond the end, reads stop at
  // flushed_lsn().
  Status NewReader(Lsn from, Lsn to, std::unique_ptr<LogReader>* reader);
  // One durable record by its LSN. Blocks for the read.
  Status ReadRecord(Lsn lsn, RecordCopy* record);
  LogStats Stats() const;
  LogId log_id() const { return master_->fields().log_id; }
  Storage* storage() const { return storage_.get(); }
  const std::string& directory() const { return directory_; }
  // The first failure, ok when there was none.
  Status poison() const;

  // Makes everything published durable, marks the log as closed cleanly, stops the threads,
  // releases the lock. Every later call fails with kClosed. Idempotent. A poisoned log is closed
  // without the mark; the status says so. REQUIRES: no other call is running or comes later, except
  // from readers.
  Status Close();

  // For start_threads == false: one turn of what the threads would do.
  bool HasWork() const;
  Status RunWriterOnce();
  Status RunBackgroundOnce();

 private:
  Log(std::unique_ptr<Storage> storage, const std::string& directory, const LogOptions& options,
      const LogEnvironment& environment, LogEventSink sink);

  // Opening, in this order (log_open.cc).
  Status CheckDirectory() const;
  Status LoadMaster(const OpenProgress& progress, RecoveryReport* report);
  Status CreateMaster();
  Status Recover(const OpenProgress& progress, RecoveryReport* report);
  Status StartIncarnation(const OpenProgress& progress, const RecoveryReport& report);
  Status CheckNeverWritten(uint64_t number);
  Status LoadTailBlock(Lsn end);
  Lsn FirstBatchEnd(Lsn start) const;
  Status AppendIncarnationRecord(const RecoveryReport& report);

  // Running (log.cc).
  void WriterLoop();
  void BackgroundLoop();
  void DelayForSiblings();
  // What a turn of the writer did, for what must follow once no lock is held.
  struct BatchOutcome {
    Status status;
    bool wrote = false;
    bool rotated = false;
    bool newly_poisoned = false;
    uint64_t segment = 0;
    Lsn flushed_lsn = 0;
  };
  BatchOutcome WriteOneBatch();
  BatchOutcome OutcomeOf(Status written);
  // Whether the sink gets the event, or the caller of Poll delivers it.
  enum class FlushedEvent : uint8_t { kIsPosted, kIsDelivered };
  void AfterBatch(const BatchOutcome& outcome,
                  FlushedEvent flushed_event = FlushedEvent::kIsPosted);
  bool BeginPolled();
  bool IsBehind() const;
  bool TryFinishPolled(FlushedEvent flushed_event);
  BatchOutcome FinishPolled(const IoCompletion& completion);
  Status PrepareSegments();
  Status MarkIdle();
  bool IdleMarkIsDue() const;
  void UpdateAppendLimit();
  Status WaitUntil(Lsn end, const std::function<bool()>& is_met);
  // True for the first failure. The caller then calls AnnouncePoison without holding a lock.
  bool MarkPoisoned(const Status& cause);
  void AnnouncePoison();
  void StopThreads();

  const std::unique_ptr<Storage> storage_;
  const std::string directory_;
  const LogOptions options_;
  const LogEnvironment environment_;
  const LogEventSink sink_;

  std::unique_ptr<DirectoryLock> lock_;
  std::unique_ptr<MasterFile> master_;
  std::unique_ptr<SegmentFiles> segments_;
  std::unique_ptr<SegmentPreparer> preparer_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<RecordLookup> lookup_;
  std::shared_ptr<RingMemory> ring_;
  const std::shared_ptr<ControlBlock> control_ = std::make_shared<ControlBlock>();
  uint32_t header_seed_ = 0;
  uint32_t incarnation_ = 0;
  Lsn read_only_end_ = 0;

  std::atomic<Lsn> published_lsn_{0};
  std::atomic<uint32_t> waiters_{0};
  std::atomic<bool> flushed_armed_{false};
  std::atomic<uint64_t> last_batch_us_{0};
  std::atomic<uint64_t> append_waits_{0};
  std::atomic<uint64_t> append_wait_us_{0};

  // Held while a batch is built and written: by the writer thread, or by the appending thread in
  // FlushSync or from Publish to Poll.
  std::mutex batch_mutex_;
  uint64_t written_segment_ =
      0;  // guarded by batch_mutex_; the segment that the last batch ended in
  // The appending thread's: its queue, and batch_mutex_ while a batch of its own is in flight.
  std::unique_ptr<PollableQueue> polled_queue_;
  std::unique_lock<std::mutex> polled_batch_{batch_mutex_, std::defer_lock};
  uint32_t polled_pause_ = 0;         // batches that are the writer's before the next try
  uint32_t polled_next_pause_ = 100;  // after a try that is late

  // Guards the append limit: writer and background thread both move it.
  std::mutex limit_mutex_;

  mutable std::mutex state_mutex_;
  Status poison_;          // guarded by state_mutex_; first failure
  Status prepare_status_;  // guarded by state_mutex_; why the last preparation failed softly
  uint64_t prepare_attempts_ = 0;  // guarded by state_mutex_
  uint64_t wanted_segment_ = 0;    // guarded by state_mutex_; an append waits for it
  bool prepare_retry_ = false;     // guarded by state_mutex_
  std::atomic<bool> poisoned_{false};
  std::mutex truncate_mutex_;  // one TruncateBefore at a time
  bool closed_ = false;        // only Close and the destructor

  WakeSignal writer_signal_;      // something was published, or stop
  WakeSignal durable_signal_;     // durable_lsn moved, or poisoned
  WakeSignal space_signal_;       // the append limit or prepare_status_ changed
  WakeSignal background_signal_;  // a segment is wanted, the first batch after a mark, or stop
  std::atomic<bool> background_parked_{false};
  std::atomic<bool> stopping_{false};
  std::thread writer_thread_;
  std::thread background_thread_;
};

}  // namespace seawall

#include "log/log_writer.h"

#include <algorithm>

#include "base/bytes.h"
#include "format/record_header.h"

namespace seawall {

namespace {

void Add(std::atomic<uint64_t>& counter, uint64_t value) {
  counter.fetch_add(value, std::memory_order_relaxed);
}

}  // namespace

LogWriter::LogWriter(SegmentFiles* segments, std::shared_ptr<RingMemory> ring,
                     std::unique_ptr<IoQueue> queue, const Options& options)
    : segments_(segments),
      ring_(std::move(ring)),
      queue_(std::move(queue)),
      options_(options),
      tail_(segments->geometry().block_bytes, segments->storage()->alignment().memory_bytes),
      sealed_lsn_(options.start_lsn),
      sealed_record_end_(options.start_lsn),
      durable_lsn_(options.start_lsn),
      flushed_lsn_(options.start_lsn) {
  // A batch is cut after the fragment that crosses batch_bytes_max, so the ring must have room for
  // both.
  SEAWALL_ASSERT(options.batch_bytes_max <= ring_->bytes() / 2);
}

Status LogWriter::WriteBatch(Lsn published) {
  Prepare(published);
  const bool one_durable_write = options_.sync_each_write && writes_.size() == 1;
  SEAWALL_RETURN_IF_ERROR(one_durable_write ? WriteDurably(writes_.front()) : WriteThenSync());
  Advance();
  return Status::Ok();
}

bool LogWriter::FitsOneWrite(Lsn published) const {
  const LogGeometry& geometry = segments_->geometry();
  const Lsn start = geometry.BlockStart(durable_lsn());
  const Lsn end = geometry.BlockEnd(published);
  return options_.sync_each_write && end - start <= options_.write_bytes_max &&
         published - durable_lsn() <= options_.batch_bytes_max &&
         geometry.SegmentOf(start) == geometry.SegmentOf(end - 1);
}

Status LogWriter::Begin(Lsn published, PollableQueue* queue) {
  Prepare(published);
  SEAWALL_ASSERT(writes_.size() == 1 && sealed_lsn_ == published);
  const PlannedWrite& write = writes_.front();
  files_.resize(1);
  SEAWALL_RETURN_IF_ERROR(segments_->Get(write.segment, &files_.front()));
  IoSlice slices[kIoSlicesMax];
  const int slice_count = SlicesOf(write, slices);
  Add(counters_.syncs, 1);
  queue->SubmitWrite(files_.front().get(), write.file_offset, slices, slice_count,
                     Durability::kDurable, 0);
  queue->Flush();
  return Status::Ok();
}

Status LogWriter::Finish(const Status& written) {
  if (written.ok()) Advance();
  return written;
}

// Decides what the batch is and makes it ready for the drive.
void LogWriter::Prepare(Lsn published) {
  SEAWALL_ASSERT(sealed_lsn_ == durable_lsn() && sealed_lsn_ < published);
  Seal(published);
  const LogGeometry& geometry = segments_->geometry();
  SEAWALL_ASSERT(sealed_lsn_ - geometry.BlockStart(durable_lsn()) <= ring_->bytes());
  PlanBatch(geometry, durable_lsn(), sealed_lsn_, options_.write_bytes_max, &writes_);
  CopyTail();
  handed_over_us_ = options_.monotonic_us();
}

void LogWriter::Seal(Lsn published) {
  const Lsn durable = durable_lsn();
  uint64_t records = 0;
  while (sealed_lsn_ < published && sealed_lsn_ - durable < options_.batch_bytes_max) {
    uint8_t* record = ring_->At(sealed_lsn_);
    const uint64_t stream_bytes =
        SealRecord(record, options_.header_seed, sealed_lsn_, options_.incarnation, durable);
    ring_->WrapAround(sealed_lsn_, stream_bytes);
    sealed_lsn_ += stream_bytes;
    if (IsLast(LoadLittleEndian<layout::RecordHeader>(record))) sealed_record_end_ = sealed_lsn_;
    records += 1;
  }
  // The appender publishes only ends of records and fragments.
  SEAWALL_ASSERT(sealed_lsn_ <= published);
  Add(counters_.records_sealed, records);
}

// The appender goes on framing behind the end of the batch, in the same block. What the kernel
// reads must not change while it reads, so the tail block goes out as a copy, with zeros behind the
// end.
void LogWriter::CopyTail() {
  const LogGeometry& geometry = segments_->geometry();
  const Lsn tail_start = geometry.BlockStart(sealed_lsn_);
  const size_t used = sealed_lsn_ - tail_start;
  if (used == 0) return;
  CopyBytes(tail_.data(), ring_->At(tail_start), used);
  ZeroBytes(tail_.data() + used, geometry.block_bytes - used);
}

int LogWriter::SlicesOf(const PlannedWrite& write, IoSlice* slices) {
  int count = 0;
  const size_t before_end = std::min(write.ring_bytes, ring_->ContiguousBytes(write.lsn));
  if (before_end > 0) slices[count++] = {ring_->At(write.lsn), before_end};
  if (write.ring_bytes > before_end) {
    slices[count++] = {ring_->data(), write.ring_bytes - before_end};
  }
  if (write.with_tail) slices[count++] = {tail_.data(), tail_.bytes()};
  SEAWALL_ASSERT(count > 0);
  Add(counters_.writes, 1);
  Add(counters_.write_bytes, write.ring_bytes + (write.with_tail ? tail_.bytes() : 0));
  return count;
}

Status LogWriter::WriteDurably(const PlannedWrite& write) {
  std::shared_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(segments_->Get(write.segment, &file));
  IoSlice slices[kIoSlicesMax];
  const int slice_count = SlicesOf(write, slices);
  Add(counters_.syncs, 1);
  return file->WriteAt(write.file_offset, slices, slice_count, Durability::kDurable);
}

Status LogWriter::WriteThenSync() {
  SEAWALL_RETURN_IF_ERROR(SubmitAndAwaitWrites());
  // Only now: a sync covers the writes that completed before it was issued, and no others.
  for (const std::shared_ptr<File>& file : files_) {
    Add(counters_.syncs, 1);
    SEAWALL_RETURN_IF_ERROR(file->Sync());
  }
  return Status::Ok();
}

Status LogWriter::SubmitAndAwaitWrites() {
  files_.clear();
  size_t in_flight = 0;
  Status first_error;
  for (const PlannedWrite& write : writes_) {
    std::shared_ptr<File> file;
    first_error = segments_->Get(write.segment, &file);
    if (!first_error.ok()) break;
    if (files_.empty() || files_.back() != file) files_.push_back(file);
    if (in_flight == queue_->capacity()) {
      first_error = AwaitAll(1);
      in_flight -= 1;
      if (!first_error.ok()) break;
    }
    IoSlice slices[kIoSlicesMax];
    const int slice_count = SlicesOf(write, slices);
    queue_->SubmitWrite(file.get(), write.file_offset, slices, slice_count, Durability::kNone, 0);
    in_flight += 1;
  }
  // Also after an error: the kernel may still read the buffers of the others.
  Status rest = AwaitAll(in_flight);
  return first_error.ok() ? rest : first_error;
}

// Waits for `count` completions. The first error, after all of them are in.
Status LogWriter::AwaitAll(size_t count) {
  Status first_error;
  while (count > 0) {
    IoCompletion completion;
    const size_t completed = queue_->Wait(&completion, 1);
    SEAWALL_ASSERT(completed == 1);
    count -= 1;
    if (first_error.ok() && !completion.status.ok()) first_error = std::move(completion.status);
  }
  return first_error;
}

void LogWriter::Advance() {
  SEAWALL_ASSERT(sealed_record_end_ <= sealed_lsn_);
  durable_lsn_.store(sealed_lsn_, std::memory_order_release);
  flushed_lsn_.store(sealed_record_end_, std::memory_order_release);
  Add(counters_.batches, 1);
  last_drive_us_ = options_.monotonic_us() - handed_over_us_;
  Add(counters_.drive_us, last_drive_us_);
  // One batch at a time: nobody else changes it.
  if (last_drive_us_ > counters_.drive_us_max.load(std::memory_order_relaxed))
    counters_.drive_us_max.store(last_drive_us_, std::memory_order_relaxed);
}

}  // namespace seawall

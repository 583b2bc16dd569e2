// Opening a log: from a directory to a running Log. The order of the steps is the crash-safety
// argument:
//   1. nothing is changed before the directory is known to be a log (or empty) and is locked;
//   2. recovery decides without changing anything, after syncing what it reads;
//   3. segments are prepared, then the master record names the new incarnation, durably;
//   4. the incarnation's first record is durable before the first append.
// A crash between any two steps leaves a directory that opens with the same end.
#include <algorithm>

#include "base/align.h"
#include "base/bytes.h"
#include "log/log.h"
#include "log/log_directory.h"
#include "log/record_appender.h"
#include "log/recovery.h"

namespace seawall {

namespace {

// What the master record promises never shrinks, so a batch is at most this part of the buffer: the
// appender fills the rest meanwhile.
constexpr uint64_t kBatchesPerBuffer = 4;
constexpr uint64_t kWriteBytesMax = uint64_t{2} << 20;

}  // namespace

Status Log::Open(std::unique_ptr<Storage> storage, const std::string& directory,
                 const LogOptions& options, const LogEnvironment& environment,
                 const OpenProgress& progress, LogEventSink sink, std::unique_ptr<Log>* log,
                 RecoveryReport* report) {
  const uint64_t started_us = environment.monotonic_us();
  *report = RecoveryReport();
  std::unique_ptr<Log> opening(
      new Log(std::move(storage), directory, options, environment, std::move(sink)));
  SEAWALL_RETURN_IF_ERROR(opening->CheckDirectory());
  if (progress) progress(OpenPhase::kLocking, 0, 1);
  const LockMode lock_mode = options.read_only ? LockMode::kShared : LockMode::kExclusive;
  SEAWALL_RETURN_IF_ERROR(opening->storage_->Lock(directory + "/LOCK", lock_mode, &opening->lock_));
  SEAWALL_RETURN_IF_ERROR(opening->LoadMaster(progress, report));
  if (options.read_only) {
    opening->read_only_end_ = report->end_lsn;
  } else {
    SEAWALL_RETURN_IF_ERROR(opening->StartIncarnation(progress, *report));
    report->incarnation = opening->incarnation_;
  }
  report->checkpoint_lsn = opening->master_->fields().checkpoint_lsn;
  ControlBlock::Store(opening->control_->flushed_lsn, opening->flushed_lsn());
  ControlBlock::Store(opening->control_->oldest_lsn, report->oldest_lsn);
  report->duration_us = environment.monotonic_us() - started_us;
  if (!options.read_only && options.start_threads) {
    Log* running = opening.get();
    running->writer_thread_ = std::thread([running] { running->WriterLoop(); });
    running->background_thread_ = std::thread([running] { running->BackgroundLoop(); });
  }
  *log = std::move(opening);
  return Status::Ok();
}

Log::Log(std::unique_ptr<Storage> storage, const std::string& directory, const LogOptions& options,
         const LogEnvironment& environment, LogEventSink sink)
    : storage_(std::move(storage)),
      directory_(directory),
      options_(options),
      environment_(environment),
      sink_(std::move(sink)) {}

// Before anything is created or changed.
Status Log::CheckDirectory() const {
  DirectoryContent content;
  SEAWALL_RETURN_IF_ERROR(ExamineDirectory(storage_.get(), directory_, &content));
  switch (content.kind) {
    case DirectoryContent::kLog:
      return Status::Ok();
    case DirectoryContent::kSegmentsOnly:
      return Status::Error(Code::kCorruptLog, "the master record is missing")
          .WithPath(directory_ + "/master");
    case DirectoryContent::kNothing:
      break;
  }
  if (!options_.read_only) return Status::Ok();
  return Status::Error(Code::kNotFound, "there is no log here").WithPath(directory_);
}

Status Log::LoadMaster(const OpenProgress& progress, RecoveryReport* report) {
  const OpenMode mode = options_.read_only ? OpenMode::kRead : OpenMode::kReadWrite;
  Status status = MasterFile::Open(storage_.get(), directory_, mode, &master_);
  if (status.code() == Code::kNotFound && !options_.read_only) status = CreateMaster();
  SEAWALL_RETURN_IF_ERROR(std::move(status));
  const MasterFields fields = master_->fields();
  if (options_.segment_bytes != 0 && options_.segment_bytes != fields.geometry.segment_bytes) {
    return Status::Error(Code::kOptionMismatch, "segmentBytes is " +
                                                    std::to_string(options_.segment_bytes) +
                                                    ", the log was created with " +
                                                    std::to_string(fields.geometry.segment_bytes))
        .WithPath(directory_);
  }
  SegmentHeaderFields identity;
  identity.log_id = fields.log_id;
  identity.geometry = fields.geometry;
  segments_ = std::make_unique<SegmentFiles>(storage_.get(), directory_, identity, mode);
  header_seed_ = HeaderSeed(fields.log_id);
  SEAWALL_RETURN_IF_ERROR(Recover(progress, report));
  incarnation_ = fields.incarnation + (options_.read_only ? 0 : 1);
  lookup_ = std::make_unique<RecordLookup>(segments_.get(), header_seed_, incarnation_);
  return Status::Ok();
}

Status Log::CreateMaster() {
  MasterFields fields;
  environment_.fill_random(fields.log_id.bytes, sizeof(fields.log_id.bytes));
  fields.geometry.segment_bytes =
      options_.segment_bytes != 0 ? options_.segment_bytes : LogOptions::kDefaultSegmentBytes;
  fields.geometry.block_bytes = layout::block_bytes_min;
  SEAWALL_ASSERT(fields.geometry.IsValid());
  fields.in_flight_max_bytes = options_.buffer_bytes;
  fields.created_at_ms = environment_.wall_clock_ms();
  return MasterFile::Create(storage_.get(), directory_, fields, &master_);
}

Status Log::Recover(const OpenProgress& progress, RecoveryReport* report) {
  const bool never_opened = master_->fields().incarnation == 0;
  if (!never_opened)
    return RecoverTail(master_.get(), segments_.get(), directory_, options_.scan_read_bytes_max,
                       progress, report);
  // The log was created, but its first open did not come to its end: nothing was ever appended.
  report->decision = TailDecision::kCreated;
  report->reason = "new log";
  if (!options_.read_only) {
    SEAWALL_RETURN_IF_ERROR(storage_->CreateDirectory(directory_ + "/wal"));
    SEAWALL_RETURN_IF_ERROR(storage_->SyncDirectory(directory_));
  }
  std::vector<uint64_t> numbers;
  std::vector<std::string> temporary_names;
  Status listed = segments_->List(&numbers, &temporary_names);
  if (!listed.ok() && listed.code() != Code::kNotFound) return listed;
  for (uint64_t number : numbers) {
    SEAWALL_RETURN_IF_ERROR(CheckNeverWritten(number));
    if (!options_.read_only) SEAWALL_RETURN_IF_ERROR(storage_->Remove(segments_->PathOf(number)));
  }
  if (options_.read_only) return Status::Ok();
  segments_->ForgetBelow(UINT64_MAX);
  return segments_->Create(0, 1, options_.buffer_bytes, environment_.wall_clock_ms());
}

// The first record goes to the first block, after the master record has its incarnation. So bytes
// there mean that the master record is older than the log, and nothing may be removed.
Status Log::CheckNeverWritten(uint64_t number) {
  std::shared_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(segments_->Get(number, &file));
  AlignedBuffer block(segments_->geometry().block_bytes, storage_->alignment().memory_bytes);
  SEAWALL_RETURN_IF_ERROR(
      file->ReadAt(segments_->geometry().block_bytes, block.data(), block.bytes()));
  if (number == 0 && AllZero(block.data(), block.bytes())) return Status::Ok();
  return Status::Error(Code::kLogMismatch, "the log is newer than its master record")
      .WithPath(segments_->PathOf(number));
}

Status Log::StartIncarnation(const OpenProgress& progress, const RecoveryReport& report) {
  if (report.last_segment > master_->fields().last_segment) {
    SEAWALL_RETURN_IF_ERROR(
        master_->Update([&](MasterFields* fields) { fields->last_segment = report.last_segment; }));
  }
  SegmentPreparer::Options preparer_options;
  preparer_options.max_log_bytes = options_.max_log_bytes;
  preparer_options.in_flight_max_bytes = options_.buffer_bytes;
  preparer_options.incarnation = incarnation_;
  preparer_options.spare_files_max = options_.segments_ahead + 1;
  preparer_options.wall_clock_ms = environment_.wall_clock_ms;
  preparer_ = std::make_unique<SegmentPreparer>(master_.get(), segments_.get(), preparer_options);
  SEAWALL_RETURN_IF_ERROR(preparer_->AdoptLeftovers());

  const Lsn first_batch_end = FirstBatchEnd(report.end_lsn);
  while (preparer_->files_end() < first_batch_end) {
    if (progress) progress(OpenPhase::kPreparing, 0, segments_->geometry().segment_bytes);
    SEAWALL_RETURN_IF_ERROR(preparer_->PrepareNext(report.end_lsn, SegmentUse::kIncarnation));
  }
  SEAWALL_RETURN_IF_ERROR(master_->Update([&](MasterFields* fields) {
    fields->incarnation = incarnation_;
    fields->incarnation_start_lsn = report.end_lsn;
    fields->promise_lsn = report.end_lsn;
    fields->in_flight_max_bytes = options_.buffer_bytes;
    fields->clean = false;
  }));
  // Into the other slot too: whichever of the two is damaged later, the one that is left knows of
  // this incarnation.
  SEAWALL_RETURN_IF_ERROR(master_->Update([](MasterFields*) {}));
  SEAWALL_RETURN_IF_ERROR(RingMemory::New(options_.buffer_bytes, &ring_));
  SEAWALL_RETURN_IF_ERROR(LoadTailBlock(report.end_lsn));

  LogWriter::Options writer_options;
  writer_options.header_seed = header_seed_;
  writer_options.incarnation = incarnation_;
  writer_options.start_lsn = report.end_lsn;
  writer_options.batch_bytes_max = options_.buffer_bytes / kBatchesPerBuffer;
  writer_options.write_bytes_max =
      std::min<uint64_t>(kWriteBytesMax, options_.buffer_bytes / kBatchesPerBuffer);
  writer_options.sync_each_write = options_.sync_each_write;
  writer_options.monotonic_us = environment_.monotonic_us;
  std::unique_ptr<IoQueue> queue;
  SEAWALL_RETURN_IF_ERROR(storage_->NewQueue(options_.writes_in_flight_max, &queue));
  writer_ = std::make_unique<LogWriter>(segments_.get(), ring_, std::move(queue), writer_options);
  written_segment_ = segments_->geometry().SegmentOf(report.end_lsn);
  published_lsn_.store(report.end_lsn, std::memory_order_relaxed);
  return AppendIncarnationRecord(report);
}

// The first batch writes the block that the log ends in again, so its bytes must be in the ring.
Status Log::LoadTailBlock(Lsn end) {
  const LogGeometry& geometry = segments_->geometry();
  const Lsn start = geometry.BlockStart(end);
  if (start == end) return Status::Ok();
  std::shared_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(segments_->Get(geometry.SegmentOf(start), &file));
  AlignedBuffer block(geometry.block_bytes, storage_->alignment().memory_bytes);
  // No further: behind the end a power cut may have left what cannot be read.
  const uint64_t bytes = AlignUp(end - start, storage_->alignment().offset_bytes);
  SEAWALL_RETURN_IF_ERROR(file->ReadAt(geometry.FileOffsetOf(start), block.data(), bytes));
  CopyBytes(ring_->At(start), block.data(), end - start);
  return Status::Ok();
}

// What an open appends: the incarnation record, and padding where blocks are written only once.
Lsn Log::FirstBatchEnd(Lsn start) const {
  const Lsn end = start + StreamBytes(kRecordHeaderBytes + sizeof(layout::IncarnationBody));
  const uint64_t block_bytes = segments_->geometry().block_bytes;
  const uint64_t pad_bytes = AlignUp(end, block_bytes) - end;
  if (!options_.pad_to_block || pad_bytes == 0) return end;
  return end + pad_bytes + (pad_bytes < kRecordHeaderBytes ? block_bytes : 0);
}

Status Log::AppendIncarnationRecord(const RecoveryReport& report) {
  layout::IncarnationBody body = {};
  body.previous_incarnation = incarnation_ - 1;
  body.opened_at_ms = environment_.wall_clock_ms();
  body.cut_bytes = report.cut_bytes;
  RecordAppender appender(ring_, report.end_lsn);
  RecordFrame frame;
  frame.kind = layout::kind_incarnation;
  frame.body_bytes = sizeof(body);
  appender.Append(&body, frame);
  const Lsn batch_end = FirstBatchEnd(report.end_lsn);
  if (appender.end_lsn() < batch_end) {
    RecordFrame pad;
    pad.kind = layout::kind_pad;
    pad.body_bytes = batch_end - appender.end_lsn() - kRecordHeaderBytes;
    const std::vector<uint8_t> zeros(pad.body_bytes, 0);
    appender.Append(zeros.data(), pad);
  }
  published_lsn_.store(appender.end_lsn(), std::memory_order_release);
  SEAWALL_RETURN_IF_ERROR(writer_->WriteBatch(appender.end_lsn()));
  UpdateAppendLimit();
  return Status::Ok();
}

}  // namespace seawall

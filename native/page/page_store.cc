#include "page/page_store.h"

#include <algorithm>

#include "base/bytes.h"
#include "format/page_header.h"

namespace seawall {

namespace {

constexpr uint64_t kBatchBytesMax = uint64_t{1} << 20;
// Fresh memory costs a page fault for every 4 KiB, on the thread that stages.
constexpr size_t kSpareBlocksMax = 3;
constexpr size_t kSmallBatchPages = 8;

uint32_t BatchPagesMax(uint32_t page_bytes) {
  return static_cast<uint32_t>(
      std::min<uint64_t>(layout::doublewrite_pages_max, kBatchBytesMax / page_bytes));
}

}  // namespace

PageStore::PageStore(Storage* storage, const std::string& directory, std::unique_ptr<PageFile> file,
                     std::unique_ptr<Doublewrite> doublewrite, std::unique_ptr<IoQueue> write_queue,
                     LogHorizon horizon)
    : storage_(storage),
      directory_(directory),
      file_(std::move(file)),
      doublewrite_(std::move(doublewrite)),
      write_queue_(std::move(write_queue)),
      horizon_(std::move(horizon)),
      batch_pages_max_(BatchPagesMax(file_->page_bytes())) {}

Status PageStore::Open(Storage* storage, const std::string& directory, const LogId& log_id,
                       Lsn end_lsn, const PageStoreOptions& options, LogHorizon horizon,
                       PageReadSink sink, std::unique_ptr<PageStore>* store,
                       std::vector<uint32_t>* repaired) {
  std::unique_ptr<PageFile> file;
  SEAWALL_RETURN_IF_ERROR(
      PageFile::Open(storage, directory, log_id, options.page_bytes, OpenMode::kReadWrite, &file));
  // A killed process may have left pages in a volatile cache. Redo skips what a page shows, so it
  // must not show what a power cut could still take away (H10).
  SEAWALL_RETURN_IF_ERROR(file->file()->Sync());
  SEAWALL_RETURN_IF_ERROR(
      Doublewrite::Repair(storage, directory, log_id, file.get(), end_lsn, repaired));
  std::unique_ptr<Doublewrite> doublewrite;
  if (options.doublewrite) {
    SEAWALL_RETURN_IF_ERROR(Doublewrite::Open(storage, directory, log_id, file->page_bytes(),
                                              BatchPagesMax(file->page_bytes()), &doublewrite));
  } else {
    SEAWALL_RETURN_IF_ERROR(Doublewrite::Remove(storage, directory));
  }
  std::unique_ptr<IoQueue> write_queue;
  SEAWALL_RETURN_IF_ERROR(storage->NewQueue(options.writes_in_flight_max, &write_queue));
  std::unique_ptr<PageStore> opened(new PageStore(storage, directory, std::move(file),
                                                  std::move(doublewrite), std::move(write_queue),
                                                  std::move(horizon)));
  const uint64_t frames = std::max(options.frames_min, options.pool_bytes / opened->page_bytes());
  opened->frames_ =
      std::make_shared<PageFrames>(frames, opened->page_bytes(), storage->alignment().memory_bytes);
  SEAWALL_RETURN_IF_ERROR(opened->OpenReader(options, std::move(sink)));
  *store = std::move(opened);
  return Status::Ok();
}

Status PageStore::OpenReader(const PageStoreOptions& options, PageReadSink sink) {
  const PageSource source = {file_.get(), frames_.get(), horizon_};
  std::unique_ptr<PollableQueue> polled;
  if (options.polled_reads) polled = storage_->NewPollableQueue(options.polled_reads_in_flight_max);
  if (polled != nullptr) {
    polled_reader_ = std::make_unique<PolledPageReader>(source, std::move(polled));
    return Status::Ok();
  }
  std::vector<std::unique_ptr<IoQueue>> queues(options.read_lanes);
  for (std::unique_ptr<IoQueue>& queue : queues)
    SEAWALL_RETURN_IF_ERROR(storage_->NewQueue(options.reads_in_flight_max, &queue));
  reader_ = std::make_unique<PageReader>(source, std::move(queues), std::move(sink));
  if (options.start_threads) reader_->Start();
  return Status::Ok();
}

void PageStore::Read(const PageRead* reads, size_t count, std::vector<PageReadResult>* results) {
  counters_.pages_read.fetch_add(count, std::memory_order_relaxed);
  if (polled_reader_ != nullptr) return polled_reader_->Add(reads, count, results);
  reader_->Add(reads, count);
}

const uint8_t* PageStore::PageOf(const PageBatch& batch, size_t i) const {
  return batch.block.data() + (i + 1) * size_t{page_bytes()};
}

AlignedBuffer PageStore::TakeBlock(size_t count) {
  if (count <= kSmallBatchPages)
    return AlignedBuffer((count + 1) * page_bytes(), layout::page_bytes_min);
  std::lock_guard<std::mutex> lock(spare_mutex_);
  if (spare_blocks_.empty()) {
    const size_t pages = std::max<size_t>(batch_pages_max_, count) + 1;
    return AlignedBuffer(pages * page_bytes(), layout::page_bytes_min);
  }
  AlignedBuffer block = std::move(spare_blocks_.back());
  spare_blocks_.pop_back();
  return block;
}

void PageStore::Recycle(std::unique_ptr<PageBatch> batch) {
  if (batch->page_ids.size() <= kSmallBatchPages) return;
  std::lock_guard<std::mutex> lock(spare_mutex_);
  if (spare_blocks_.size() < kSpareBlocksMax) spare_blocks_.push_back(std::move(batch->block));
}

std::unique_ptr<PageBatch> PageStore::Stage(const uint32_t* frames, size_t count) {
  SEAWALL_ASSERT(count > 0 && count <= batch_pages_max_);
  auto batch = std::make_unique<PageBatch>();
  batch->block = TakeBlock(count);
  batch->page_ids.reserve(count);
  for (size_t i = 0; i < count; i++) {
    uint8_t* const copy = batch->block.data() + (i + 1) * size_t{page_bytes()};
    CopyBytes(copy, frames_->At(frames[i]), page_bytes());
    const layout::PageHeader header = LoadPageHeader(copy);
    SEAWALL_ASSERT(header.page_id != 0 && (i == 0 || header.page_id > batch->page_ids.back()));
    batch->page_ids.push_back(header.page_id);
    batch->page_lsn_max = std::max(batch->page_lsn_max, Lsn{header.page_lsn});
  }
  return batch;
}

Status PageStore::Write(PageBatch* batch) {
  SEAWALL_RETURN_IF_ERROR(failure_);
  SEAWALL_RETURN_IF_ERROR(AwaitLog(*batch));
  for (size_t i = 0; i < batch->page_ids.size(); i++)
    SealPage(batch->block.data() + (i + 1) * size_t{page_bytes()}, page_bytes(), file_->seed());
  failure_ = WriteDurably(batch);
  return failure_;
}

Status PageStore::StopDoublewrite() {
  SEAWALL_RETURN_IF_ERROR(failure_);
  doublewrite_.reset();
  failure_ = Doublewrite::Remove(storage_, directory_);
  return failure_;
}

// The WAL rule (format/page_header.h), looked at in the bytes that are about to be written: no
// caller can break it (P4, H27).
Status PageStore::AwaitLog(const PageBatch& batch) {
  if (batch.page_lsn_max >= horizon_.flushed_lsn()) {
    counters_.log_waits.fetch_add(1, std::memory_order_relaxed);
    SEAWALL_RETURN_IF_ERROR(horizon_.wait_flushed(batch.page_lsn_max));
  }
  SEAWALL_ASSERT(batch.page_lsn_max < horizon_.flushed_lsn());
  return Status::Ok();
}

Status PageStore::WriteDurably(PageBatch* batch) {
  SEAWALL_RETURN_IF_ERROR(file_->Grow(uint64_t{batch->page_ids.back()} + 1));
  if (doublewrite_ != nullptr)
    SEAWALL_RETURN_IF_ERROR(doublewrite_->Write(batch->block.data(), batch->page_ids));
  SEAWALL_RETURN_IF_ERROR(WriteHome(*batch));
  SEAWALL_RETURN_IF_ERROR(file_->file()->Sync());
  counters_.pages_written.fetch_add(batch->page_ids.size(), std::memory_order_relaxed);
  counters_.batches.fetch_add(1, std::memory_order_relaxed);
  return Status::Ok();
}

// Neighbours in the file go out as one write. Every write is waited for, also after a failure: the
// kernel reads the batch until then.
Status PageStore::WriteHome(const PageBatch& batch) {
  Status first_failure;
  size_t in_flight = 0;
  const auto wait = [&] {
    IoCompletion completion;
    const size_t count = write_queue_->Wait(&completion, 1);
    SEAWALL_ASSERT(count == 1);
    in_flight -= 1;
    if (first_failure.ok()) first_failure = completion.status;
  };
  for (size_t i = 0; i < batch.page_ids.size() && first_failure.ok();) {
    size_t run = 1;
    while (i + run < batch.page_ids.size() && batch.page_ids[i + run] == batch.page_ids[i] + run) {
      run += 1;
    }
    if (in_flight == write_queue_->capacity()) wait();
    const IoSlice slice = {PageOf(batch, i), run * page_bytes()};
    write_queue_->SubmitWrite(file_->file(), file_->OffsetOf(batch.page_ids[i]), &slice, 1,
                              Durability::kNone, i);
    in_flight += 1;
    i += run;
  }
  while (in_flight > 0) wait();
  return first_failure;
}

}  // namespace seawall

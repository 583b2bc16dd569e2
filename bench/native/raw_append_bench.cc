// The floor without Node: what the native core does when nothing else is in the way.
//   raw_append_bench MODE DIRECTORY SECONDS BODY_BYTES
// MODE: flush-sync     one record at a time, made durable on the calling thread (what commitSync
// does)
//       writer-thread  one record at a time, made durable by the writer thread (what commit does)
//       append         records without waiting; segments are used again
// Prints one line of JSON. The log in DIRECTORY is created, or opened as it is.
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "io/clock.h"
#include "io/posix_storage.h"
#include "io/wake_signal.h"
#include "log/log.h"
#include "log/record_appender.h"

namespace seawall {
namespace {

// As lib/log/append-buffer.ts does it.
constexpr uint64_t kPublishBytes = 64 << 10;
constexpr uint64_t kRecordsPerClockLook = 1024;

struct Result {
  uint64_t records = 0;
  uint64_t took_us = 0;
};

class Bench {
 public:
  Bench(const std::string& directory, uint64_t seconds_us, uint64_t body_bytes)
      : directory_(directory), duration_us_(seconds_us), body_(body_bytes, 1) {}

  Status Open() {
    SEAWALL_RETURN_IF_ERROR(EnsureDirectory(directory_, true));
    std::unique_ptr<Storage> storage;
    SEAWALL_RETURN_IF_ERROR(NewPosixStorage(directory_, PosixStorageOptions(), &storage));
    RecoveryReport report;
    SEAWALL_RETURN_IF_ERROR(Log::Open(
        std::move(storage), directory_, LogOptions(), LogEnvironment::Real(), OpenProgress(),
        [this](LogEvent event, uint64_t) { OnEvent(event); }, &log_, &report));
    appender_ = std::make_unique<RecordAppender>(log_->ring(), log_->flushed_lsn());
    return Status::Ok();
  }

  Status FlushSync(Result* result) {
    return RunFor(1, result, [this] {
      SEAWALL_RETURN_IF_ERROR(Append());
      return log_->FlushSync(appender_->end_lsn());
    });
  }

  Status WriterThread(Result* result) {
    return RunFor(1, result, [this] {
      SEAWALL_RETURN_IF_ERROR(Append());
      const uint32_t epoch = flushed_.epoch();
      log_->ArmFlushed();
      log_->Publish(appender_->end_lsn(), 1);
      if (log_->flushed_lsn() < appender_->end_lsn()) flushed_.Wait(epoch, -1);
      return log_->poison();
    });
  }

  Status AppendOnly(Result* result) {
    return RunFor(kRecordsPerClockLook, result, [this] {
      SEAWALL_RETURN_IF_ERROR(Append());
      if (appender_->end_lsn() - published_ >= kPublishBytes) Publish();
      if (!rotated_.load(std::memory_order_relaxed)) return Status::Ok();
      rotated_.store(false, std::memory_order_relaxed);
      return log_->TruncateBefore(log_->flushed_lsn());
    });
  }

  Status Close() { return log_->Close(); }

 private:
  template <typename Step>
  Status RunFor(uint64_t records_per_look, Result* result, Step step) {
    const uint64_t started_us = MonotonicUs();
    while (result->took_us < duration_us_) {
      for (uint64_t i = 0; i < records_per_look; i++) SEAWALL_RETURN_IF_ERROR(step());
      result->records += records_per_look;
      result->took_us = MonotonicUs() - started_us;
    }
    return Status::Ok();
  }

  Status Append() {
    const Lsn end = appender_->EndAfter(body_.size());
    if (static_cast<double>(end) >
        log_->control()->append_limit_lsn.load(std::memory_order_acquire)) {
      Publish();
      SEAWALL_RETURN_IF_ERROR(log_->WaitForSpace(end));
    }
    RecordFrame frame;
    frame.body_bytes = body_.size();
    appender_->Append(body_.data(), frame);
    return Status::Ok();
  }

  void Publish() {
    published_ = appender_->end_lsn();
    log_->Publish(published_, 0);
  }

  void OnEvent(LogEvent event) {
    if (event == LogEvent::kRotated) rotated_.store(true);
    if (event == LogEvent::kFlushed || event == LogEvent::kPoisoned) flushed_.Notify();
  }

  const std::string directory_;
  const uint64_t duration_us_;
  const std::vector<uint8_t> body_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<RecordAppender> appender_;
  Lsn published_ = 0;
  std::atomic<bool> rotated_{false};
  WakeSignal flushed_;
};

Status Run(const std::string& mode, Bench* bench, Result* result) {
  SEAWALL_RETURN_IF_ERROR(bench->Open());
  Status status = Status::Error(Code::kInvalidArgument, "no such mode: " + mode);
  if (mode == "flush-sync") status = bench->FlushSync(result);
  if (mode == "writer-thread") status = bench->WriterThread(result);
  if (mode == "append") status = bench->AppendOnly(result);
  Status closed = bench->Close();
  return status.ok() ? closed : status;
}

}  // namespace
}  // namespace seawall

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: raw_append_bench MODE DIRECTORY SECONDS BODY_BYTES\n");
    return 2;
  }
  const auto seconds_us = static_cast<uint64_t>(std::atof(argv[3]) * 1e6);
  seawall::Bench bench(argv[2], seconds_us, std::strtoull(argv[4], nullptr, 10));
  seawall::Result result;
  const seawall::Status status = seawall::Run(argv[1], &bench, &result);
  if (!status.ok()) {
    std::fprintf(stderr, "raw_append_bench: %s\n", status.ToString().c_str());
    return 1;
  }
  std::printf("{\"records\":%" PRIu64 ",\"tookUs\":%" PRIu64 ",\"perSecond\":%.1f}\n",
              result.records, result.took_us,
              static_cast<double>(result.records) * 1e6 / static_cast<double>(result.took_us));
  return 0;
}

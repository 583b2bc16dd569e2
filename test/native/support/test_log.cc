#include "support/test_log.h"

#include <algorithm>

namespace seawall::test {

namespace {

LogGeometry GeometryOf(const TestLogOptions& options) { return {options.segment_bytes, 4096}; }

// Every log has an identity of its own, and the same one in every run.
void FakeRandom(void* bytes, size_t count) {
  static uint8_t next = 1;
  for (size_t i = 0; i < count; i++)
    static_cast<uint8_t*>(bytes)[i] = static_cast<uint8_t>(next * 37 + i);
  next += 1;
}

}  // namespace

uint64_t& FakeNowUs() {
  static uint64_t now_us = 1000000;
  return now_us;
}

std::string PathOf(Lsn lsn, const TestLogOptions& options) {
  char name[64];
  std::snprintf(name, sizeof(name), "/log/wal/%020llu.wal",
                static_cast<unsigned long long>(GeometryOf(options).SegmentOf(lsn)));
  return name;
}

uint64_t OffsetOf(Lsn lsn, const TestLogOptions& options) {
  return GeometryOf(options).FileOffsetOf(lsn);
}

std::string Repeated(char c, size_t count) { return std::string(count, c); }

std::shared_ptr<SimulatedDisk> DiskWithCommits(int count, size_t body_bytes,
                                               std::vector<Lsn>* lsns) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog log(disk);
  SEAWALL_ASSERT(log.status().ok());
  for (int i = 0; i < count; i++) {
    lsns->push_back(log.Commit(Repeated(static_cast<char>('a' + i % 26), body_bytes)));
  }
  return disk->PowerCut(Survival::kNothing, 1);
}

TestLog::TestLog(std::shared_ptr<SimulatedDisk> disk, const TestLogOptions& options) {
  LogOptions log_options;
  log_options.segment_bytes = options.segment_bytes;
  log_options.buffer_bytes = options.buffer_bytes;
  log_options.max_log_bytes = options.max_log_bytes;
  log_options.sync_each_write = options.sync_each_write;
  log_options.read_only = options.read_only;
  log_options.pad_to_block = options.pad_to_block;
  log_options.start_threads = options.starts_threads;
  has_threads_ = options.starts_threads;
  LogEnvironment environment;
  environment.wall_clock_ms = [] { return FakeNowUs() / 1000; };
  environment.monotonic_us = [] { return FakeNowUs(); };
  environment.fill_random = FakeRandom;
  status_ = Log::Open(NewSimulatedStorage(std::move(disk)), kDirectory, log_options, environment,
                      nullptr, nullptr, &log_, &report_);
  if (status_.ok() && !options.read_only) {
    appender_ = std::make_unique<RecordAppender>(log_->ring(), log_->flushed_lsn());
  }
}

Status TestLog::MakeRoom(Lsn end) {
  if (has_threads_) {
    if (static_cast<double>(end) <= log_->control()->append_limit_lsn) return Status::Ok();
    log_->Publish(appender_->end_lsn(), 0);
    return log_->WaitForSpace(end);
  }
  for (int turn = 0; static_cast<double>(end) > log_->control()->append_limit_lsn; turn++) {
    SEAWALL_RETURN_IF_ERROR(log_->FlushSync(appender_->end_lsn()));
    SEAWALL_RETURN_IF_ERROR(log_->RunBackgroundOnce());
    if (turn > 2) return Status::Error(Code::kLogFull, "no room");
  }
  return Status::Ok();
}

Lsn TestLog::Append(const std::string& body, uint64_t piece_bytes) {
  const Lsn lsn = appender_->end_lsn();
  size_t at = 0;
  do {
    RecordFrame frame;
    frame.body_bytes = std::min<uint64_t>(piece_bytes, body.size() - at);
    frame.flags = 0;
    if (at == 0) frame.flags |= layout::flag_first;
    if (at + frame.body_bytes == body.size()) frame.flags |= layout::flag_last;
    Status room = MakeRoom(appender_->EndAfter(frame.body_bytes));
    SEAWALL_ASSERT(room.ok());
    appender_->Append(body.data() + at, frame);
    at += frame.body_bytes;
  } while (at < body.size());
  return lsn;
}

Status TestLog::Flush() { return log_->FlushSync(appender_->end_lsn()); }

Lsn TestLog::Commit(const std::string& body) {
  const Lsn lsn = Append(body);
  Status status = Flush();
  SEAWALL_ASSERT(status.ok());
  return lsn;
}

Status TestLog::Background() { return log_->RunBackgroundOnce(); }

Status TestLog::Close() {
  if (log_->poison().ok()) log_->Publish(appender_->end_lsn(), 0);
  return log_->Close();
}

Status TestLog::ReadAll(std::vector<std::string>* bodies) {
  std::unique_ptr<LogReader> reader;
  SEAWALL_RETURN_IF_ERROR(log_->NewReader(log_->oldest_lsn(), UINT64_MAX, &reader));
  while (true) {
    RecordBatch batch;
    SEAWALL_RETURN_IF_ERROR(reader->Next(&batch));
    if (batch.count() == 0) return Status::Ok();
    for (size_t i = 0; i < batch.count(); i++) {
      const char* at = reinterpret_cast<const char*>(batch.buffer.get()) + batch.index[3 * i];
      bodies->emplace_back(at, batch.index[3 * i + 1]);
    }
  }
}

std::vector<std::string> TestLog::Bodies() {
  std::vector<std::string> bodies;
  Status status = ReadAll(&bodies);
  if (!status.ok()) bodies.push_back("error: " + status.ToString());
  return bodies;
}

}  // namespace seawall::test

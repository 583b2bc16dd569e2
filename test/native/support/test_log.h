// TestLog: a log on a SimulatedDisk, driven step by step on one thread, with the few words that
// tests are written in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "log/log.h"
#include "log/record_appender.h"
#include "support/simulated.h"

namespace seawall::test {

constexpr const char* kDirectory = "/log";

struct TestLogOptions {
  uint64_t segment_bytes = 64 << 10;
  uint64_t buffer_bytes = 64 << 10;
  uint64_t max_log_bytes = 0;
  bool sync_each_write = true;
  bool read_only = false;
  bool pad_to_block = false;
  // The log's own threads run beside the test; Background() must not be called then.
  bool starts_threads = false;
};

class TestLog {
 public:
  // Opens; `status` says how it went. Methods other than status() and report() want it ok.
  explicit TestLog(std::shared_ptr<SimulatedDisk> disk, const TestLogOptions& options = {});

  const Status& status() const { return status_; }
  const RecoveryReport& report() const { return report_; }
  Log* log() { return log_.get(); }
  Lsn end_lsn() const { return appender_->end_lsn(); }

  // Frames a record; waits for nothing. A long one in pieces of `piece_bytes`.
  Lsn Append(const std::string& body, uint64_t piece_bytes = 8192);
  // Makes everything appended durable.
  Status Flush();
  // Append and Flush.
  Lsn Commit(const std::string& body);
  // One turn of the background thread: preparation and the idle mark.
  Status Background();
  Status Close();
  // What a scan finds, in order; an error ends it.
  Status ReadAll(std::vector<std::string>* bodies);
  std::vector<std::string> Bodies();

 private:
  Status MakeRoom(Lsn end);

  bool has_threads_ = false;
  Status status_;
  RecoveryReport report_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<RecordAppender> appender_;
};

// A clock that tests move.
uint64_t& FakeNowUs();

// The file and offset of an LSN for TestLogOptions' geometry.
std::string PathOf(Lsn lsn, const TestLogOptions& options = {});
uint64_t OffsetOf(Lsn lsn, const TestLogOptions& options = {});

std::string Repeated(char c, size_t count);

// What a power cut leaves of a log with `count` commits, each awaited: bodies of one letter, a to z
// in turn.
std::shared_ptr<SimulatedDisk> DiskWithCommits(int count, size_t body_bytes,
                                               std::vector<Lsn>* lsns);

}  // namespace seawall::test

// Goal: the first failure of a log write or sync ends the log: nothing is retried, nothing later is
// acknowledged, everyone who waits gets the cause, and what was acknowledged stays. Method: every
// operation of a workload fails once, and from then on, with every kind of error (P5; H12-H18,
// H54).
#include <cerrno>
#include <thread>

#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using Strings = std::vector<std::string>;

TEST(Poison, H12FailedSyncIsNeverRetried) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLogOptions options;
  options.sync_each_write = false;
  TestLog log(disk, options);
  ASSERT_OK(log.status());
  log.Commit("safe");
  int syncs = 0;
  disk->before = [&syncs](Operation operation, const std::string& path) {
    if (operation != Operation::kSync) return Status::Ok();
    syncs += 1;
    return syncs == 1 ? Status::FromErrno(EIO, "fdatasync", path) : Status::Ok();
  };
  log.Append("lost");
  EXPECT_TRUE(log.Flush().code() == Code::kIo);
  // Later syncs would succeed. None is asked for.
  EXPECT_TRUE(log.Flush().code() == Code::kIo);
  EXPECT_TRUE(!log.Close().ok());
  EXPECT_EQ(syncs, 1);
  EXPECT_EQ(log.log()->poison().sys_errno(), EIO);
}

TEST(Poison, H13H16EveryErrorOfEveryOperationEndsTheLogAndKeepsWhatWasAcknowledged) {
  int poisoned = 0;
  for (const int sys_errno : {EIO, ENODATA, ENOSPC, EFBIG, ECANCELED, EAGAIN}) {
    for (const bool sync_each_write : {true, false}) {
      for (const bool sticky : {true, false}) {
        for (int nth = 0; nth < 40; nth++) {
          auto disk = std::make_shared<SimulatedDisk>();
          TestLogOptions options;
          options.sync_each_write = sync_each_write;
          TestLog log(disk, options);
          ASSERT_OK(log.status());
          int seen = 0;
          disk->failed_writes_land = nth % 2 == 0;
          disk->before = [&](Operation operation, const std::string& path) {
            const bool counted = operation == Operation::kWrite || operation == Operation::kSync;
            const bool fails = counted && (sticky ? seen >= nth : seen == nth);
            seen += counted;
            return fails ? Status::FromErrno(sys_errno, "write", path) : Status::Ok();
          };
          size_t acknowledged = 0;
          Strings written;
          for (int i = 0; i < 14; i++) {
            if (static_cast<double>(log.end_lsn() + 7000) > log.log()->control()->append_limit_lsn)
              break;
            written.push_back(Repeated(static_cast<char>('a' + i), 6000));
            log.Append(written.back());
            const bool was_poisoned = !log.log()->poison().ok();
            const Status status = log.Flush();
            EXPECT_TRUE(!(was_poisoned && status.ok()));
            if (status.ok()) acknowledged = written.size();
            (void)log.Background().ok();
          }
          poisoned += !log.log()->poison().ok();
          disk->before = nullptr;
          auto image = disk->PowerCut(Survival::kNothing, 1);
          TestLog again(image, options);
          ASSERT_OK(again.status());
          const Strings bodies = again.Bodies();
          EXPECT_TRUE(bodies.size() >= acknowledged && bodies.size() <= written.size());
          for (size_t i = 0; i < bodies.size(); i++) EXPECT_TRUE(bodies[i] == written[i]);
        }
      }
    }
  }
  EXPECT_TRUE(poisoned > 300);
}

TEST(Poison, H14NoSyncIsIssuedAfterAFailedWriteAndTheEndStaysWhereItWas) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLogOptions options;
  options.sync_each_write = false;
  TestLog log(disk, options);
  ASSERT_OK(log.status());
  const Lsn flushed = log.log()->flushed_lsn();
  int syncs = 0;
  disk->before = [&](Operation operation, const std::string& path) {
    if (operation == Operation::kWrite) return Status::FromErrno(EIO, "write", path);
    syncs += operation == Operation::kSync;
    return Status::Ok();
  };
  log.Append("x");
  EXPECT_TRUE(!log.Flush().ok());
  EXPECT_EQ(syncs, 0);
  EXPECT_EQ(log.log()->flushed_lsn(), flushed);
  EXPECT_EQ(log.log()->control()->append_limit_lsn.load(), 0.0);
}

TEST(Poison, H15TheSyncComesAfterTheLastCompletionOfItsBatch) {
  // Recorded order of a batch of several writes: every write, then the sync, then nothing before it
  // is acknowledged.
  auto disk = std::make_shared<SimulatedDisk>();
  disk->reverse_completions = true;
  TestLogOptions options;
  options.buffer_bytes = 8 << 20;
  options.segment_bytes = 8 << 20;
  TestLog log(disk, options);
  ASSERT_OK(log.status());
  std::string order;
  disk->before = [&](Operation operation, const std::string&) {
    if (operation == Operation::kWrite) order += 'w';
    if (operation == Operation::kSync) order += 's';
    return Status::Ok();
  };
  for (int i = 0; i < 400; i++) log.Append(Repeated('m', 7000));
  ASSERT_OK(log.Flush());
  disk->before = nullptr;
  // A batch is a quarter of the buffer, cut behind the record that crosses it, and a write at most
  // two megabytes: two writes and a sync, then the rest in one durable write.
  EXPECT_EQ(order, std::string("wwsw"));
  TestLog again(disk->PowerCut(Survival::kNothing, 1), options);
  ASSERT_OK(again.status());
  EXPECT_EQ(again.Bodies().size(), size_t{400});
}

TEST(Poison, H17EveryWaitingThreadGetsTheCause) {
  auto disk = std::make_shared<SimulatedDisk>();
  LogOptions options;
  options.segment_bytes = 64 << 10;
  options.buffer_bytes = 64 << 10;
  std::unique_ptr<Log> log;
  RecoveryReport report;
  std::atomic<int> announced{0};
  // Set before the log's threads start, which look at it.
  std::atomic<bool> writes_fail{false};
  disk->before = [&writes_fail](Operation operation, const std::string& path) {
    return writes_fail && operation == Operation::kWrite ? Status::FromErrno(ENODATA, "write", path)
                                                         : Status::Ok();
  };
  ASSERT_OK(Log::Open(
      NewSimulatedStorage(disk), kDirectory, options, LogEnvironment::Real(), nullptr,
      [&announced](LogEvent event, uint64_t) { announced += event == LogEvent::kPoisoned; }, &log,
      &report));
  writes_fail = true;
  RecordAppender appender(log->ring(), log->flushed_lsn());
  RecordFrame frame;
  frame.body_bytes = 100;
  const std::string body = Repeated('w', 100);
  appender.Append(body.data(), frame);
  log->Publish(appender.end_lsn(), 1);
  EXPECT_EQ(log->FlushSync(appender.end_lsn()).sys_errno(), ENODATA);
  EXPECT_TRUE(!log->Close().ok());
  EXPECT_EQ(announced.load(), 1);
}

TEST(Poison, H18FullDiskIsReportedBeforeARecordIsAcceptedAndNothingIsLost) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog log(disk);
  ASSERT_OK(log.status());
  ASSERT_OK(log.Background());
  disk->capacity_bytes = 0;
  int committed = 0;
  while (static_cast<double>(log.end_lsn() + 5000) <= log.log()->control()->append_limit_lsn ||
         committed < 24) {
    if (static_cast<double>(log.end_lsn() + 5000) > log.log()->control()->append_limit_lsn) break;
    log.Commit(Repeated('f', 4000));
    committed += 1;
    ASSERT_OK(log.Background());
  }
  EXPECT_TRUE(log.log()->poison().ok());
  EXPECT_EQ(log.Bodies().size(), static_cast<size_t>(committed));
  disk->capacity_bytes = UINT64_MAX;
  ASSERT_OK(log.log()->TruncateBefore(log.log()->flushed_lsn()));
  ASSERT_OK(log.Background());
  log.Commit("there is room again");
  EXPECT_EQ(log.Bodies().size(), size_t{1});
}

TEST(Poison, LsnsThatAJavaScriptNumberCannotHoldAreRefusedBeforeARecordIsAccepted) {
  TestLog log(std::make_shared<SimulatedDisk>());
  ASSERT_OK(log.status());
  EXPECT_TRUE(log.log()->WaitForSegments(layout::lsn_max + 1).code() == Code::kLsnExhausted);
  EXPECT_OK(log.log()->poison());
  log.Commit("goes on");
}

TEST(Poison, H20ALoneCommitIsOneWriteOfOneBlock) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLogOptions options;
  options.segment_bytes = 4 << 20;
  TestLog log(disk, options);
  ASSERT_OK(log.status());
  ASSERT_OK(log.Background());
  log.Commit(Repeated('1', 128));
  disk->counters = Counters();
  int other = 0;
  disk->before = [&other](Operation operation, const std::string&) {
    other += operation != Operation::kWrite;
    return Status::Ok();
  };
  for (int i = 0; i < 100; i++) log.Commit(Repeated('1', 128));
  // A durable write is the write and the flush; a record that lies across two blocks takes both.
  EXPECT_EQ(disk->counters.writes, uint64_t{100});
  EXPECT_EQ(disk->counters.syncs, uint64_t{0});
  EXPECT_TRUE(disk->counters.write_bytes <= 105 * 4096);
  EXPECT_EQ(other, 0);
}

TEST(Poison, H54WritesOfOneBlockAreNeverInFlightTogether) {
  // Completions in reverse order: if a block were in flight twice, its older image would win and
  // records would be gone.
  auto disk = std::make_shared<SimulatedDisk>();
  disk->reverse_completions = true;
  for (const bool sync_each_write : {true, false}) {
    auto fresh = std::make_shared<SimulatedDisk>();
    fresh->reverse_completions = true;
    TestLogOptions options;
    options.sync_each_write = sync_each_write;
    {
      TestLog log(fresh, options);
      ASSERT_OK(log.status());
      for (int i = 0; i < 300; i++) log.Commit(Repeated('b', 50 + i % 200));
    }
    TestLog again(fresh->PowerCut(Survival::kNothing, 1), options);
    ASSERT_OK(again.status());
    EXPECT_EQ(again.Bodies().size(), size_t{300});
  }
}

TEST(Poison, H21TheBufferOfAWriteInFlightDoesNotChange) {
  // The appender frames the next record in the same block while the write of the first is in the
  // queue.
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog log(disk);
  ASSERT_OK(log.status());
  log.Append("first");
  bool framed = false;
  Lsn second = 0;
  disk->before = [&](Operation operation, const std::string&) {
    if (operation == Operation::kWrite && !framed) {
      framed = true;
      second = log.Append("second, framed during the write");
    }
    return Status::Ok();
  };
  const Lsn end = log.end_lsn();
  ASSERT_OK(log.log()->FlushSync(end));
  disk->before = nullptr;
  const std::vector<uint8_t> bytes = disk->Bytes(PathOf(second));
  for (uint64_t i = OffsetOf(second); i < OffsetOf(second) + 64; i++) EXPECT_EQ(int{bytes[i]}, 0);
}

}  // namespace

}  // namespace seawall::test

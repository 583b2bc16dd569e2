// Goal: a batch that the appending thread submits and polls for keeps every promise that a batch of
// the writer keeps, and nothing waits for ever because of it. Method: a log on a SimulatedDisk,
// whose writes complete when they are polled for (P1, P5; H12, H54).
#include <cerrno>
#include <random>

#include "device/simulated_queue.h"
#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using simulation::SimulatedQueue;
using Strings = std::vector<std::string>;

struct PolledLog : TestLog {
  explicit PolledLog(const std::shared_ptr<SimulatedDisk>& disk, const TestLogOptions& options = {})
      : TestLog(disk, options) {
    SEAWALL_ASSERT(status().ok());
    log()->StartPolling(std::make_unique<SimulatedQueue>(disk, 1));
  }
  // Appends and submits; the write is in flight afterwards.
  Lsn Submit(const std::string& body) {
    const Lsn lsn = Append(body);
    log()->Publish(end_lsn(), 1);
    return lsn;
  }
  bool IsDurable(Lsn lsn) { return lsn < log()->flushed_lsn(); }
};

// For more than a batch of the appending thread may hold.
TestLogOptions WithRoom() {
  TestLogOptions options;
  options.segment_bytes = 8 << 20;
  options.buffer_bytes = 8 << 20;
  return options;
}

TEST(PolledBatch, P1WriteInFlightIsNotDurable_AndOneThatWasPolledIs) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk);
  const Lsn lsn = log.Submit("first");
  EXPECT_TRUE(!log.IsDurable(lsn));
  EXPECT_TRUE(log.log()->Poll());
  EXPECT_TRUE(log.IsDurable(lsn));
  EXPECT_TRUE(!log.log()->Poll());
  TestLog again(disk->PowerCut(Survival::kNothing, 1));
  ASSERT_OK(again.status());
  EXPECT_TRUE(again.Bodies() == Strings{"first"});
}

TEST(PolledBatch, WhatIsPublishedMeanwhileGoesOutWithThePoll) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk);
  log.Submit("first");
  const uint64_t writes = disk->counters.writes;
  const Lsn second = log.Submit("second");
  const Lsn third = log.Submit("third");
  EXPECT_EQ(disk->counters.writes, writes);
  EXPECT_TRUE(log.log()->Poll());
  EXPECT_TRUE(!log.IsDurable(second));
  EXPECT_TRUE(log.log()->Poll());
  EXPECT_TRUE(log.IsDurable(second) && log.IsDurable(third));
}

TEST(PolledBatch, NobodyElseBuildsABatchWhileOneIsInFlight) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk);
  const Lsn first = log.Submit("first");
  const Lsn second = log.Append("second");
  // On this thread: takes the batch in flight to its end first, and then its own.
  ASSERT_OK(log.Flush());
  EXPECT_TRUE(log.IsDurable(first) && log.IsDurable(second));
  EXPECT_EQ(disk->counters.changed_buffers, uint64_t{0});
}

TEST(PolledBatch, P5FailedWritePoisonsAndIsNotRetried) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk);
  int writes = 0;
  disk->before = [&writes](Operation operation, const std::string& path) {
    if (operation != Operation::kWrite) return Status::Ok();
    writes += 1;
    return Status::FromErrno(EIO, "write", path);
  };
  const Lsn lsn = log.Submit("lost");
  EXPECT_TRUE(log.log()->Poll());
  EXPECT_TRUE(!log.IsDurable(lsn));
  EXPECT_EQ(log.log()->poison().sys_errno(), EIO);
  log.log()->Publish(log.end_lsn(), 1);
  EXPECT_TRUE(!log.log()->Poll());
  EXPECT_TRUE(log.Flush().code() == Code::kIo);
  EXPECT_EQ(writes, 1);
}

TEST(PolledBatch, FullRingWithABatchInFlightMakesRoom) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk);
  Strings bodies;
  for (int i = 0; i < 200; i++) {
    bodies.push_back(Repeated(static_cast<char>('a' + i % 26), 3000));
    log.Submit(bodies.back());
    if (i % 7 == 0) (void)log.log()->Poll();
  }
  ASSERT_OK(log.Flush());
  EXPECT_TRUE(log.Bodies() == bodies);
}

TEST(PolledBatch, ManyWaitersOrManyBytesAreTheWriters) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk, WithRoom());
  log.Append("one of many");
  log.log()->Publish(log.end_lsn(), 1000);
  EXPECT_TRUE(!log.log()->Poll());
  ASSERT_OK(log.Flush());
  log.Append(Repeated('x', 1'200'000), 1'200'000);
  log.log()->Publish(log.end_lsn(), 1);
  EXPECT_TRUE(!log.log()->Poll());
  ASSERT_OK(log.log()->RunWriterOnce());
  EXPECT_EQ(log.log()->flushed_lsn(), log.end_lsn());
}

TEST(PolledBatch, MuchBehindABatchInFlightIsHandedToTheWriter) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk, WithRoom());
  log.Submit("in flight");
  log.Append(Repeated('x', 1'200'000), 1'200'000);
  // Finds that the first one is through, and leaves the rest.
  log.log()->Publish(log.end_lsn(), 0);
  EXPECT_TRUE(!log.log()->Poll());
  ASSERT_OK(log.log()->RunWriterOnce());
  EXPECT_EQ(log.log()->flushed_lsn(), log.end_lsn());
}

TEST(PolledBatch, AfterOneThatWasSeenLateTheNextAreTheWriters_EachTimeTwiceAsMany) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk);
  for (const int pause : {100, 200, 400}) {
    log.Submit("late");
    FakeNowUs() += 1001;
    EXPECT_TRUE(log.log()->Poll());
    for (int i = 0; i < pause; i++) {
      const Lsn lsn = log.Submit("the writer's");
      EXPECT_TRUE(!log.log()->Poll());
      ASSERT_OK(log.log()->RunWriterOnce());
      ASSERT_OK(log.Background());
      EXPECT_TRUE(log.IsDurable(lsn));
    }
  }
  for (int i = 0; i < 10; i++) {
    log.Submit("in time");
    FakeNowUs() += 1000;
    EXPECT_TRUE(log.log()->Poll());
  }
  log.Submit("late");
  FakeNowUs() += 1001;
  EXPECT_TRUE(log.log()->Poll());
  for (int i = 0; i < 100; i++) {
    log.Submit("the writer's");
    EXPECT_TRUE(!log.log()->Poll());
    ASSERT_OK(log.log()->RunWriterOnce());
  }
  log.Submit("in time");
  EXPECT_TRUE(log.log()->Poll());
}

TEST(PolledBatch, BatchThatWouldCrossIntoTheNextSegmentIsTheWriters) {
  auto disk = std::make_shared<SimulatedDisk>();
  PolledLog log(disk);
  Strings bodies;
  for (int i = 0; i < 30; i++) {
    bodies.push_back(Repeated(static_cast<char>('a' + i % 26), 6000));
    log.Submit(bodies.back());
    if (!log.log()->Poll()) ASSERT_OK(log.log()->RunWriterOnce());
    ASSERT_OK(log.Background());
  }
  ASSERT_OK(log.Close());
  TestLog again(disk);
  ASSERT_OK(again.status());
  EXPECT_TRUE(again.Bodies() == bodies);
}

TEST(PolledBatch, BesideTheWriterThreadEverythingIsWrittenOnceAndInOrder) {
  const uint64_t seed = Seed(20261121);
  std::mt19937_64 random(seed);
  auto disk = std::make_shared<SimulatedDisk>();
  TestLogOptions options;
  options.starts_threads = true;
  Strings bodies;
  {
    PolledLog log(disk, options);
    for (int i = 0; i < 2000; i++) {
      bodies.push_back(Repeated(static_cast<char>('a' + i % 26), 1 + random() % 2000));
      log.Append(bodies.back());
      switch (random() % 8) {
        case 0:
          ASSERT_OK(log.Flush());
          break;
        case 1:
          log.log()->Publish(log.end_lsn(), 1000);
          break;
        case 2:
          log.log()->Publish(log.end_lsn(), 0);
          break;
        case 3:
          (void)log.log()->Poll();
          break;
        default:
          log.log()->Publish(log.end_lsn(), 1);
      }
    }
    ASSERT_OK(log.Flush());
    EXPECT_EQ(log.log()->flushed_lsn(), log.end_lsn());
    EXPECT_TRUE(log.Bodies() == bodies);
    ASSERT_OK(log.Close());
  }
  EXPECT_EQ(disk->counters.changed_buffers, uint64_t{0});
  TestLog again(disk);
  ASSERT_OK(again.status());
  EXPECT_TRUE(again.Bodies() == bodies);
}

TEST(PolledBatch, CloseAndDestructorTakeTheBatchInFlightToItsEnd) {
  for (const bool closes : {true, false}) {
    auto disk = std::make_shared<SimulatedDisk>();
    {
      PolledLog log(disk);
      log.Submit("last words");
      if (closes) {
        log.log()->AwaitPolled();
        ASSERT_OK(log.Close());
      }
    }
    TestLog again(disk);
    ASSERT_OK(again.status());
    EXPECT_EQ(again.report().closed_cleanly, closes);
    EXPECT_TRUE(again.Bodies() == Strings{"last words"});
  }
}

}  // namespace

}  // namespace seawall::test

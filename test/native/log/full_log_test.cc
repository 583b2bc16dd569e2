// Goal: a log that is full to the last byte of max_log_bytes still opens for writing, so that it
// can be truncated: by at most one segment beyond the limit, whatever crashes and however often it
// is opened; appends stay refused until room was made. Method: logs that end at chosen distances
// from their limit, opened, killed and cut off at every operation of such an open.
#include <atomic>
#include <thread>

#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using Strings = std::vector<std::string>;

constexpr uint64_t kSegmentsMax = 3;
// What an open appends.
constexpr uint64_t kIncarnationBytes = 48;

TestLogOptions LimitedTo(uint64_t segments) {
  TestLogOptions options;
  options.max_log_bytes = segments * options.segment_bytes;
  return options;
}

const TestLogOptions& Limited() {
  static const TestLogOptions options = LimitedTo(kSegmentsMax);
  return options;
}

Lsn LimitOf(TestLog* log) { return log->log()->Stats().limit_lsn; }
Lsn AppendLimitOf(TestLog* log) {
  return static_cast<Lsn>(log->log()->control()->append_limit_lsn.load());
}

// A log with records up to `left` bytes before its limit, closed.
std::shared_ptr<SimulatedDisk> FullLog(uint64_t left, Strings* bodies) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog log(disk, Limited());
  SEAWALL_ASSERT(log.status().ok());
  const Lsn end = LimitOf(&log) - left;
  for (char c = 'a'; log.end_lsn() < end; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
    const uint64_t rest = end - log.end_lsn() - kRecordHeaderBytes;
    bodies->push_back(Repeated(c, rest <= 6000 ? rest : 4000));
    log.Commit(bodies->back());
    SEAWALL_ASSERT(log.Background().ok());
  }
  SEAWALL_ASSERT(log.end_lsn() == end);
  SEAWALL_ASSERT(log.Close().ok());
  return disk;
}

uint64_t SegmentFilesOn(const SimulatedDisk& disk) {
  uint64_t count = 0;
  for (const std::string& path : disk.Paths()) count += path.find("/wal/") != std::string::npos;
  return count;
}

// What the background thread and the appender do when a record needs room.
Code CodeOfWaitForSpace(TestLog* log) {
  std::atomic<bool> done{false};
  std::thread background([&] {
    while (!done) {
      SEAWALL_ASSERT(log->Background().ok());
      std::this_thread::yield();
    }
  });
  const Lsn end = log->end_lsn() + kRecordHeaderBytes;
  const Status by_space = log->log()->WaitForSpace(end);
  const Status by_segments = log->log()->WaitForSegments(end);
  done = true;
  background.join();
  EXPECT_TRUE(by_space.code() == by_segments.code());
  return by_space.code();
}

// The log is whole, takes no record before it is truncated, and works within its limit after that.
void CheckFullLogCanBeTruncated(TestLog* log, const SimulatedDisk& disk, const Strings& bodies) {
  EXPECT_TRUE(log->Bodies() == bodies);
  EXPECT_TRUE(AppendLimitOf(log) < log->end_lsn() + kRecordHeaderBytes);
  EXPECT_TRUE(CodeOfWaitForSpace(log) == Code::kLogFull);
  EXPECT_TRUE(SegmentFilesOn(disk) <= kSegmentsMax + 1);
  ASSERT_OK(log->log()->TruncateBefore(log->log()->flushed_lsn()));
  ASSERT_OK(log->Background());
  EXPECT_TRUE(SegmentFilesOn(disk) <= kSegmentsMax);
  EXPECT_TRUE(LimitOf(log) > log->end_lsn());
  EXPECT_TRUE(CodeOfWaitForSpace(log) == Code::kOk);
  log->Commit("again");
  EXPECT_TRUE(log->Bodies() == (Strings{"again"}));
}

TEST(FullLog, OpensWhereverItEndsAndIsTruncated) {
  for (uint64_t left : {0, 24, 32, 40, 48, 56, 64}) {
    Strings bodies;
    auto disk = FullLog(left, &bodies);
    EXPECT_EQ(SegmentFilesOn(*disk), kSegmentsMax);
    TestLog log(disk, Limited());
    ASSERT_OK(log.status());
    const bool fits = left >= kIncarnationBytes;
    EXPECT_EQ(SegmentFilesOn(*disk), kSegmentsMax + (fits ? 0 : 1));
    CheckFullLogCanBeTruncated(&log, *disk, bodies);
    ASSERT_OK(log.Close());
    TestLog again(disk, Limited());
    ASSERT_OK(again.status());
    EXPECT_TRUE(again.Bodies() == (Strings{"again"}));
  }
}

TEST(FullLog, TruncatedByOneSegmentGoesOnWithinItsLimit) {
  Strings bodies;
  auto disk = FullLog(0, &bodies);
  TestLog log(disk, Limited());
  ASSERT_OK(log.status());
  const Lsn limit = LimitOf(&log);
  EXPECT_TRUE(log.end_lsn() > limit);
  // The first record of the second segment.
  std::unique_ptr<LogReader> reader;
  ASSERT_OK(log.log()->NewReader(log.log()->oldest_lsn(), UINT64_MAX, &reader));
  Lsn second = 0;
  for (size_t i = 0; second < log.log()->Stats().geometry.StartOf(1); i++)
    second += StreamBytes(kRecordHeaderBytes + (i == 0 ? 24 : bodies[i - 1].size()));
  ASSERT_OK(log.log()->TruncateBefore(second));
  EXPECT_EQ(SegmentFilesOn(*disk), kSegmentsMax);
  EXPECT_EQ(log.log()->Stats().log_bytes, Limited().max_log_bytes);
  EXPECT_EQ(LimitOf(&log), log.log()->Stats().geometry.StartOf(kSegmentsMax + 1));
  // Up to the end of what was prepared for the open, and no further.
  while (log.end_lsn() + 4000 < LimitOf(&log)) {
    log.Commit(Repeated('n', 1000));
    ASSERT_OK(log.Background());
  }
  EXPECT_EQ(SegmentFilesOn(*disk), kSegmentsMax);
  EXPECT_TRUE(AppendLimitOf(&log) <= LimitOf(&log));
}

TEST(FullLog, OpenedAgainAndAgainGrowsByOneSegmentAndNoMore) {
  Strings bodies;
  auto disk = FullLog(8 + kRecordHeaderBytes, &bodies);
  const uint64_t room = TestLogOptions().segment_bytes - 4096;
  uint64_t opens = 0;
  while (true) {
    TestLog log(disk, Limited());
    if (!log.status().ok()) {
      EXPECT_TRUE(log.status().code() == Code::kLogFull);
      break;
    }
    opens += 1;
    EXPECT_TRUE(SegmentFilesOn(*disk) == kSegmentsMax + 1);
    EXPECT_TRUE(AppendLimitOf(&log) <= LimitOf(&log));
    if (opens % 3 == 0) ASSERT_OK(log.Close());
    if (opens % 100 == 1) EXPECT_TRUE(log.Bodies() == bodies);
    if (opens % 5 == 0) disk = disk->PowerCut(Survival::kNothing, opens);
    ASSERT_TRUE(opens < 2000);
  }
  EXPECT_EQ(opens, (room + 8 + kRecordHeaderBytes) / kIncarnationBytes);
  EXPECT_EQ(SegmentFilesOn(*disk), kSegmentsMax + 1);
  // The refused open has changed nothing that a higher limit does not help.
  TestLogOptions read_only;
  read_only.read_only = true;
  {
    TestLog reader(disk, read_only);
    ASSERT_OK(reader.status());
    EXPECT_TRUE(reader.Bodies() == bodies);
  }
  TestLog higher(disk, LimitedTo(kSegmentsMax + 2));
  ASSERT_OK(higher.status());
  EXPECT_TRUE(higher.Bodies() == bodies);
  ASSERT_OK(higher.log()->TruncateBefore(higher.log()->flushed_lsn()));
  higher.Commit("again");
}

TEST(FullLog, OpenReadOnlyChangesNothing) {
  Strings bodies;
  auto disk = FullLog(0, &bodies);
  TestLogOptions read_only = Limited();
  read_only.read_only = true;
  for (uint64_t files : {kSegmentsMax, kSegmentsMax + 1}) {
    {
      TestLog reader(disk, read_only);
      ASSERT_OK(reader.status());
      EXPECT_TRUE(reader.Bodies() == bodies);
    }
    EXPECT_EQ(SegmentFilesOn(*disk), files);
    TestLog writer(disk, Limited());
    ASSERT_OK(writer.status());
  }
}

TEST(FullLog, LimitLoweredBelowTheLogRefusesAppendsUntilTruncated) {
  auto disk = std::make_shared<SimulatedDisk>();
  Strings bodies;
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    for (int i = 0; i < 70; i++) {
      bodies.push_back(Repeated('l', 5000));
      log.Commit(bodies.back());
      ASSERT_OK(log.Background());
    }
    EXPECT_TRUE(log.log()->Stats().segments > kSegmentsMax + 2);
  }
  TestLog log(disk, Limited());
  ASSERT_OK(log.status());
  EXPECT_TRUE(log.Bodies() == bodies);
  EXPECT_TRUE(CodeOfWaitForSpace(&log) == Code::kLogFull);
  ASSERT_OK(log.log()->TruncateBefore(log.log()->flushed_lsn()));
  EXPECT_TRUE(SegmentFilesOn(*disk) <= kSegmentsMax);
  log.Commit("again");
}

// The power goes after `operations`; the one that it interrupts may land.
void StopAfter(SimulatedDisk* disk, uint64_t operations) {
  auto left = std::make_shared<uint64_t>(operations);
  disk->failed_writes_land = true;
  disk->before = [left](Operation, const std::string& path) {
    if (*left == 0) return Status::Error(Code::kIo, "the machine is off").WithPath(path);
    *left -= 1;
    return Status::Ok();
  };
}

void CutOffThreeOpens(const SimulatedDisk& base, uint64_t left, uint64_t operations,
                      Survival survival, const Strings& bodies) {
  auto disk = base.PowerCut(Survival::kNothing, 1);
  for (uint64_t round = 0; round < 3; round++) {
    const uint64_t seed = (left * 100 + operations) * 3 + round;
    StopAfter(disk.get(), (operations * (1 + 7 * round)) % 60);
    {
      TestLog log(disk, Limited());
      if (log.status().ok() && !log.log()->TruncateBefore(0).ok()) return;
    }
    disk = round == 1 ? disk->KillProcess() : disk->PowerCut(survival, seed);
    EXPECT_TRUE(SegmentFilesOn(*disk) <= kSegmentsMax + 1);
  }
  TestLog log(disk, Limited());
  if (!log.status().ok()) {
    Fail(__FILE__, __LINE__,
         log.status().ToString() + ", left " + std::to_string(left) + ", operations " +
             std::to_string(operations));
    return;
  }
  CheckFullLogCanBeTruncated(&log, *disk, bodies);
}

TEST(FullLog, EveryStepOfItsOpenCanBeTheLastThreeTimesInARow) {
  for (uint64_t left : {0, 24, 40}) {
    Strings bodies;
    auto base = FullLog(left, &bodies);
    for (uint64_t operations = 0; operations < 60; operations++) {
      for (const Survival survival : {Survival::kNothing, Survival::kEverything, Survival::kRandom})
        CutOffThreeOpens(*base, left, operations, survival, bodies);
    }
  }
}

TEST(FullLog, TruncationCutOffAnywhereLeavesALogThatOpensWithinItsBound) {
  for (uint64_t operations = 0; operations < 30; operations++) {
    Strings bodies;
    auto disk = FullLog(0, &bodies);
    {
      TestLog log(disk, Limited());
      ASSERT_OK(log.status());
      StopAfter(disk.get(), operations);
      Status truncated = log.log()->TruncateBefore(log.log()->flushed_lsn());
      (void)truncated;
    }
    disk = disk->PowerCut(Survival::kRandom, operations);
    EXPECT_TRUE(SegmentFilesOn(*disk) <= kSegmentsMax + 1);
    TestLog log(disk, Limited());
    ASSERT_OK(log.status());
    const Strings left = log.Bodies();
    EXPECT_TRUE(left.empty() || left == bodies);
    ASSERT_OK(log.log()->TruncateBefore(log.log()->flushed_lsn()));
    log.Commit("again");
    EXPECT_TRUE(SegmentFilesOn(*disk) <= kSegmentsMax);
  }
}

}  // namespace

}  // namespace seawall::test

// Goal: the log keeps what it acknowledged, in order, across orderly closes, long records and many
// segments. Method: a TestLog on a SimulatedDisk, one thread.
#include "log/log.h"

#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using Strings = std::vector<std::string>;

TEST(Log, NewLogIsEmptyAndReportsCreation) {
  TestLog log(std::make_shared<SimulatedDisk>());
  ASSERT_OK(log.status());
  EXPECT_TRUE(log.report().decision == TailDecision::kCreated);
  EXPECT_EQ(log.report().incarnation, 1u);
  EXPECT_EQ(log.Bodies().size(), size_t{0});
}

TEST(Log, CommittedRecordsAreReadInOrder) {
  TestLog log(std::make_shared<SimulatedDisk>());
  ASSERT_OK(log.status());
  log.Commit("one");
  log.Append("two");
  log.Append("");
  ASSERT_OK(log.Flush());
  EXPECT_TRUE(log.Bodies() == (Strings{"one", "two", ""}));
}

TEST(Log, ReaderStopsAtTheFlushedEnd) {
  TestLog log(std::make_shared<SimulatedDisk>());
  ASSERT_OK(log.status());
  log.Commit("durable");
  log.Append("not yet");
  EXPECT_TRUE(log.Bodies() == (Strings{"durable"}));
}

TEST(Log, CleanCloseIsRecognisedAndScansNothing) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    log.Commit("one");
    ASSERT_OK(log.Close());
  }
  TestLog again(disk);
  ASSERT_OK(again.status());
  EXPECT_TRUE(again.report().closed_cleanly);
  EXPECT_TRUE(again.report().decision == TailDecision::kCleanEnd);
  EXPECT_EQ(again.report().scanned_records, uint64_t{0});
  EXPECT_EQ(again.report().incarnation, 2u);
  EXPECT_TRUE(again.Bodies() == (Strings{"one"}));
}

TEST(Log, RecordsCrossSegments) {
  auto disk = std::make_shared<SimulatedDisk>();
  Strings written;
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    for (int i = 0; i < 100; i++) {
      written.push_back(Repeated(static_cast<char>('a' + i % 26), 5000 + i));
      log.Commit(written.back());
    }
    EXPECT_TRUE(log.log()->Stats().segments > 8);
    EXPECT_TRUE(log.Bodies() == written);
    ASSERT_OK(log.Close());
  }
  TestLog again(disk);
  ASSERT_OK(again.status());
  EXPECT_TRUE(again.Bodies() == written);
}

TEST(Log, RecordLargerThanTheBufferIsStoredInPieces) {
  auto disk = std::make_shared<SimulatedDisk>();
  const std::string large = Repeated('x', 300000);
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    log.Append("before");
    const Lsn lsn = log.Append(large);
    log.Append("after");
    ASSERT_OK(log.Flush());
    RecordCopy copy;
    ASSERT_OK(log.log()->ReadRecord(lsn, &copy));
    EXPECT_TRUE(std::string(copy.body.begin(), copy.body.end()) == large);
  }
  TestLog again(disk->PowerCut(Survival::kNothing, 1));
  ASSERT_OK(again.status());
  EXPECT_TRUE(again.Bodies() == (Strings{"before", large, "after"}));
}

TEST(Log, FlushedLsnStaysAtTheStartOfARecordThatIsDurableInPart) {
  TestLog log(std::make_shared<SimulatedDisk>());
  ASSERT_OK(log.status());
  log.Commit("before");
  const Lsn before = log.log()->flushed_lsn();
  RecordAppender appender(log.log()->ring(), log.end_lsn());
  RecordFrame first;
  first.body_bytes = 100;
  first.flags = layout::flag_first;
  const std::string body = Repeated('p', 100);
  appender.Append(body.data(), first);
  ASSERT_OK(log.log()->FlushSync(appender.end_lsn()));
  EXPECT_EQ(log.log()->flushed_lsn(), before);
}

TEST(Log, TruncateBeforeReusesSegments) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog log(disk);
  ASSERT_OK(log.status());
  Lsn kept = 0;
  for (int i = 0; i < 200; i++) {
    kept = log.Commit(Repeated('t', 4000));
    ASSERT_OK(log.log()->TruncateBefore(kept));
  }
  const LogStats stats = log.log()->Stats();
  EXPECT_TRUE(stats.segments <= 4);
  EXPECT_TRUE(stats.segments_recycled > 5);
  EXPECT_EQ(log.log()->oldest_lsn(), kept);
  EXPECT_EQ(log.Bodies().size(), size_t{1});
}

TEST(Log, TruncateBeforeWantsTheStartOfADurableRecord) {
  TestLog log(std::make_shared<SimulatedDisk>());
  ASSERT_OK(log.status());
  const Lsn first = log.Commit("one");
  const Lsn unflushed = log.Append("two");
  EXPECT_TRUE(log.log()->TruncateBefore(first + 8).code() == Code::kLsnOutOfRange);
  EXPECT_TRUE(log.log()->TruncateBefore(unflushed + 8).code() == Code::kLsnOutOfRange);
  EXPECT_OK(log.log()->TruncateBefore(unflushed));
  EXPECT_EQ(log.log()->oldest_lsn(), unflushed);
}

TEST(Log, ReadingBelowTheOldestRecordIsTruncated) {
  TestLog log(std::make_shared<SimulatedDisk>());
  ASSERT_OK(log.status());
  const Lsn first = log.Commit("one");
  const Lsn second = log.Commit("two");
  ASSERT_OK(log.log()->TruncateBefore(second));
  RecordCopy copy;
  EXPECT_TRUE(log.log()->ReadRecord(first, &copy).code() == Code::kLsnTruncated);
  std::unique_ptr<LogReader> reader;
  EXPECT_TRUE(log.log()->NewReader(first, UINT64_MAX, &reader).code() == Code::kLsnTruncated);
  EXPECT_OK(log.log()->ReadRecord(second, &copy));
}

TEST(Log, ReaderOvertakenByTruncationSaysSo) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog log(disk);
  ASSERT_OK(log.status());
  for (int i = 0; i < 400; i++) log.Commit(Repeated('o', 4000));
  std::unique_ptr<LogReader> reader;
  ASSERT_OK(log.log()->NewReader(log.log()->oldest_lsn(), UINT64_MAX, &reader));
  RecordBatch batch;
  ASSERT_OK(reader->Next(&batch));
  ASSERT_OK(log.log()->TruncateBefore(log.log()->flushed_lsn()));
  // The released segments are written over by the next records.
  for (int i = 0; i < 200; i++) log.Commit(Repeated('n', 4000));
  Status status;
  for (int i = 0; i < 1000 && status.ok(); i++) {
    status = reader->Next(&batch);
    for (size_t r = 0; r < batch.count(); r++)
      EXPECT_TRUE(batch.buffer.get()[batch.index[3 * r]] == 'o');
  }
  EXPECT_TRUE(status.code() == Code::kLsnTruncated);
}

TEST(Log, MaxLogBytesIsAnErrorBeforeTheRecordIsAccepted) {
  TestLogOptions options;
  options.max_log_bytes = 3 * options.segment_bytes;
  TestLog log(std::make_shared<SimulatedDisk>(), options);
  ASSERT_OK(log.status());
  while (static_cast<double>(log.end_lsn() + 5000) < log.log()->control()->append_limit_lsn ||
         log.log()->Stats().segments < 3) {
    log.Commit(Repeated('f', 4000));
    ASSERT_OK(log.Background());
  }
  ASSERT_OK(log.Background());
  const double limit = log.log()->control()->append_limit_lsn;
  EXPECT_TRUE(limit < static_cast<double>(log.end_lsn() + 200000));
  EXPECT_EQ(log.log()->Stats().segments, uint64_t{3});
  ASSERT_OK(log.log()->TruncateBefore(log.log()->flushed_lsn()));
  ASSERT_OK(log.Background());
  EXPECT_TRUE(log.log()->control()->append_limit_lsn > limit);
}

TEST(Log, ReadOnlyOpenSeesTheSameAndChangesNothing) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    log.Commit("one");
  }
  auto killed = disk->KillProcess();
  const Strings paths = killed->Paths();
  std::vector<std::vector<uint8_t>> before;
  for (const std::string& path : paths) before.push_back(killed->Bytes(path));
  {
    TestLogOptions options;
    options.read_only = true;
    TestLog reader(killed, options);
    ASSERT_OK(reader.status());
    TestLog second(killed, options);
    ASSERT_OK(second.status());
    EXPECT_TRUE(reader.Bodies() == (Strings{"one"}));
    TestLog writer(killed);
    EXPECT_TRUE(writer.status().code() == Code::kLocked);
  }
  EXPECT_TRUE(killed->Paths() == paths);
  for (size_t i = 0; i < paths.size(); i++) EXPECT_TRUE(killed->Bytes(paths[i]) == before[i]);
}

TEST(Log, H43SecondHandleIsLockedOut) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog first(disk);
  ASSERT_OK(first.status());
  TestLog second(disk);
  EXPECT_TRUE(second.status().code() == Code::kLocked);
}

TEST(Log, SegmentBytesOfAnExistingLogCannotChange) {
  auto disk = std::make_shared<SimulatedDisk>();
  { TestLog log(disk); }
  TestLogOptions options;
  options.segment_bytes = 128 << 10;
  TestLog again(disk, options);
  EXPECT_TRUE(again.status().code() == Code::kOptionMismatch);
}

}  // namespace

}  // namespace seawall::test

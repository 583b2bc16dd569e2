// Goal: damage to durable bytes is refused with its LSN, never skipped and never cut; a torn tail
// is cut, never refused. Method: logs on a SimulatedDisk, damaged with a hex editor's powers; both
// directions, exhaustively on a small log.
#include <algorithm>
#include <cerrno>
#include <random>

#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using Strings = std::vector<std::string>;

constexpr const char* kMaster = "/log/master";

TEST(Corruption, ASlotOfTheMasterRecordThatCannotBeRead_TheOtherOneHolds) {
  // What power that goes during the write of a slot may leave (found by L1-log).
  std::vector<Lsn> lsns;
  const auto pristine = DiskWithCommits(5, 100, &lsns);
  for (const uint64_t slot : {uint64_t{0}, uint64_t{65536}}) {
    auto image = pristine->PowerCut(Survival::kNothing, 1);
    image->MakeUnreadable("/log/master", slot);
    TestLog log(image);
    ASSERT_OK(log.status());
    EXPECT_EQ(log.Bodies().size(), size_t{5});
  }
  pristine->MakeUnreadable("/log/master", 0);
  pristine->MakeUnreadable("/log/master", 65536);
  EXPECT_TRUE(TestLog(pristine).status().code() == Code::kCorruptLog);
}

TEST(Corruption, H05H06DamageBelowALaterPromiseIsRefusedWithItsLsn) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(10, 200, &lsns);
  disk->FlipBit(PathOf(lsns[4]), OffsetOf(lsns[4]) + 30, 3);
  const std::vector<uint8_t> before = disk->Bytes(PathOf(0));
  TestLog again(disk);
  EXPECT_TRUE(again.status().code() == Code::kCorruptLog);
  EXPECT_EQ(again.status().lsn(), lsns[4]);
  EXPECT_TRUE(disk->Bytes(PathOf(0)) == before);
}

TEST(Corruption, H05EveryFlippedBitIsNoticedOrHarmless) {
  // The last record has no later promise (H51) and padding has no meaning; everywhere else a
  // flipped bit must be noticed.
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(12, 100, &lsns);
  Strings whole;
  for (int i = 0; i < 12; i++) whole.push_back(Repeated(static_cast<char>('a' + i), 100));
  const Lsn last = lsns.back();
  int refused = 0;
  for (Lsn lsn = 0; lsn < last; lsn++) {
    const int bit = static_cast<int>(lsn * 5 % 8);
    disk->FlipBit(PathOf(lsn), OffsetOf(lsn), bit);
    {
      TestLogOptions options;
      options.read_only = true;
      TestLog again(disk, options);
      const bool is_padding = lsn >= lsns[0] && (lsn - lsns[0]) % 128 >= 124;
      if (is_padding) {
        ASSERT_OK(again.status());
        EXPECT_TRUE(again.Bodies() == whole);
      } else {
        EXPECT_TRUE(again.status().code() == Code::kCorruptLog);
        refused += 1;
      }
    }
    disk->FlipBit(PathOf(lsn), OffsetOf(lsn), bit);
  }
  EXPECT_TRUE(refused > 1000);
}

TEST(Corruption, DamageBelowTheMastersPromiseIsFoundByTheReader) {
  auto disk = std::make_shared<SimulatedDisk>();
  Lsn damaged = 0;
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    log.Commit("one");
    damaged = log.Commit("two");
    log.Commit("three");
    ASSERT_OK(log.Close());
  }
  disk->FlipBit(PathOf(damaged), OffsetOf(damaged) + 25, 1);
  TestLog again(disk);
  ASSERT_OK(again.status());
  Strings bodies;
  const Status status = again.ReadAll(&bodies);
  EXPECT_TRUE(status.code() == Code::kCorruptLog);
  EXPECT_EQ(status.lsn(), damaged);
  EXPECT_TRUE(bodies == (Strings{"one"}));
  RecordCopy copy;
  EXPECT_TRUE(again.log()->ReadRecord(damaged, &copy).code() == Code::kCorruptLog);
}

TEST(Corruption, H51TheLastBatchIsCoveredOnceTheIdleMarkIsWritten) {
  for (const bool idle : {false, true}) {
    auto disk = std::make_shared<SimulatedDisk>();
    Lsn last = 0;
    {
      TestLog log(disk);
      ASSERT_OK(log.status());
      // Prepares the next segment, which renews the promise as well.
      ASSERT_OK(log.Background());
      log.Commit("one");
      last = log.Commit("two");
      FakeNowUs() += idle ? 200000 : 1000;
      ASSERT_OK(log.Background());
    }
    auto image = disk->PowerCut(Survival::kNothing, 1);
    image->FlipBit(PathOf(last), OffsetOf(last) + 25, 0);
    TestLogOptions options;
    options.read_only = true;
    TestLog again(image, options);
    if (idle) {
      // Below the promise: the scan at open does not look at it, the reader does.
      ASSERT_OK(again.status());
      Strings bodies;
      EXPECT_TRUE(again.ReadAll(&bodies).code() == Code::kCorruptLog);
    } else {
      ASSERT_OK(again.status());
      EXPECT_TRUE(again.report().decision == TailDecision::kTornTail);
      EXPECT_EQ(again.report().end_lsn, last);
    }
  }
}

TEST(Corruption, ZeroedSectorsAreRefusedToo) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(30, 400, &lsns);
  const uint64_t first = OffsetOf(lsns[1]) / kSectorBytes;
  const uint64_t end = OffsetOf(lsns[28]) / kSectorBytes;
  for (uint64_t sector = first; sector < end; sector++) {
    auto image = disk->PowerCut(Survival::kNothing, 1);
    image->Overwrite(PathOf(0), sector * kSectorBytes, std::vector<uint8_t>(kSectorBytes, 0));
    TestLog again(image);
    EXPECT_TRUE(again.status().code() == Code::kCorruptLog);
  }
}

TEST(Corruption, UnreadableSectorBelowAPromiseIsRefusedAndInATornTailCut) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(10, 3000, &lsns);
  {
    auto image = disk->PowerCut(Survival::kNothing, 1);
    image->MakeUnreadable(PathOf(lsns[5]), OffsetOf(lsns[5]) + 1000);
    TestLog again(image);
    EXPECT_TRUE(again.status().code() == Code::kCorruptLog);
  }
  {
    auto image = disk->PowerCut(Survival::kNothing, 1);
    // Behind the end: what a power cut in the middle of a write may leave.
    const Lsn behind = lsns[9] + 3024 + 8192;
    image->MakeUnreadable(PathOf(behind), OffsetOf(behind));
    TestLog again(image);
    ASSERT_OK(again.status());
    EXPECT_EQ(again.Bodies().size(), size_t{10});
  }
}

TEST(Corruption, ReadErrorsThatSayNothingAboutTheBytesCutNothing) {
  // A cable that fails for a moment must not cost acknowledged records.
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(10, 3000, &lsns);
  int reads = 0;
  disk->before = [&reads](Operation operation, const std::string& path) {
    const bool fails = operation == Operation::kRead && path != kMaster && ++reads > 1;
    return fails ? Status::FromErrno(EIO, "read", path) : Status::Ok();
  };
  TestLog broken(disk);
  EXPECT_TRUE(broken.status().code() == Code::kIo);
  disk->before = nullptr;
  TestLog again(disk);
  ASSERT_OK(again.status());
  EXPECT_EQ(again.Bodies().size(), size_t{10});
}

TEST(Corruption, H02RecycledSegmentShowsNothingOfItsOldRecords) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    for (int i = 0; i < 150; i++) {
      ASSERT_OK(log.log()->TruncateBefore(log.Commit(Repeated('o', 4072))));
    }
    EXPECT_TRUE(log.log()->Stats().segments_recycled > 4);
    log.Commit("new");
  }
  TestLog again(disk->PowerCut(Survival::kNothing, 1));
  ASSERT_OK(again.status());
  EXPECT_EQ(again.report().cut_bytes, uint64_t{0});
  EXPECT_EQ(again.Bodies().back(), std::string("new"));
}

TEST(Corruption, H52MissingSegmentIsRefused) {
  for (const uint64_t missing : {0, 1, 2, 3}) {
    std::vector<Lsn> lsns;
    auto disk = DiskWithCommits(50, 4000, &lsns);
    EXPECT_TRUE(disk->Exists(PathOf(3 * 61440)));
    disk->RemoveFile(PathOf(missing * 61440));
    TestLog again(disk);
    EXPECT_TRUE(again.status().code() == Code::kCorruptLog);
  }
}

TEST(Corruption, H52SegmentOfAnotherLogIsRefused) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(5, 100, &lsns);
  auto other = DiskWithCommits(5, 100, &lsns);
  const std::vector<uint8_t> foreign = other->Bytes(PathOf(0));
  disk->Overwrite(PathOf(0), 0, foreign);
  TestLog again(disk);
  EXPECT_TRUE(again.status().code() == Code::kLogMismatch);
}

TEST(Corruption, H52SegmentInAnotherPlaceIsRefused) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(40, 4000, &lsns);
  disk->CopyFile(PathOf(0), PathOf(61440));
  TestLog again(disk);
  EXPECT_TRUE(!again.status().ok());
}

TEST(Corruption, H52OlderMasterRecordIsRefused) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestLog log(disk);
    log.Commit("one");
    ASSERT_OK(log.Close());
  }
  const std::vector<uint8_t> old_master = disk->Bytes(kMaster);
  {
    TestLog log(disk);
    log.Commit("two");
    ASSERT_OK(log.Close());
  }
  disk->Overwrite(kMaster, 0, old_master);
  TestLog again(disk);
  EXPECT_TRUE(again.status().code() == Code::kLogMismatch);
}

TEST(Corruption, H52OlderSegmentsUnderANewerMasterAreRefused) {
  auto disk = std::make_shared<SimulatedDisk>();
  std::vector<uint8_t> old_segment;
  {
    TestLog log(disk);
    log.Commit("one");
    old_segment = disk->Bytes(PathOf(0));
    log.Commit(Repeated('2', 6000));
    ASSERT_OK(log.Close());
  }
  disk->Overwrite(PathOf(0), 0, old_segment);
  TestLog again(disk);
  // After a clean close nothing is scanned at open; the reader finds it.
  ASSERT_OK(again.status());
  Strings bodies;
  EXPECT_TRUE(again.ReadAll(&bodies).code() == Code::kCorruptLog);
}

TEST(Corruption, H31EitherMasterSlotMayBeDamagedAndBothMayNot) {
  std::vector<Lsn> lsns;
  // The last commits lie in a segment that only the newer slot may know of.
  auto disk = DiskWithCommits(25, 4000, &lsns);
  for (const uint64_t slot : {0, 1}) {
    auto image = disk->PowerCut(Survival::kNothing, 1);
    image->FlipBit(kMaster, slot * layout::master_slot_stride_bytes + 40, 2);
    {
      TestLogOptions options;
      options.read_only = true;
      TestLog reader(image, options);
      ASSERT_OK(reader.status());
      EXPECT_EQ(reader.Bodies().size(), size_t{25});
    }
    {
      TestLog writer(image->KillProcess());
      ASSERT_OK(writer.status());
      writer.Commit("more");
      EXPECT_EQ(writer.Bodies().size(), size_t{26});
    }
    image->FlipBit(kMaster, (1 - slot) * layout::master_slot_stride_bytes + 40, 2);
    TestLog none(image);
    EXPECT_TRUE(none.status().code() == Code::kCorruptLog);
  }
}

TEST(Corruption, H31EitherMasterSlotMayBeDamagedAfterATruncation) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    for (int i = 0; i < 60; i++)
      ASSERT_OK(log.log()->TruncateBefore(log.Commit(Repeated('t', 4000))));
  }
  for (const uint64_t slot : {0, 1}) {
    auto image = disk->PowerCut(Survival::kNothing, 1);
    image->FlipBit(kMaster, slot * layout::master_slot_stride_bytes + 40, 2);
    TestLog again(image);
    ASSERT_OK(again.status());
    EXPECT_EQ(again.Bodies().size(), size_t{1});
  }
}

TEST(Corruption, H52MasterRecordFromBeforeTheFirstOpenNeverEmptiesTheLog) {
  auto disk = std::make_shared<SimulatedDisk>();
  auto stopped = std::make_shared<SimulatedDisk>();
  stopped->before = [](Operation operation, const std::string& path) {
    return operation == Operation::kOpen && path.find("/wal/") != std::string::npos
               ? Status::Error(Code::kIo, "off")
               : Status::Ok();
  };
  { TestLog created_only(stopped); }
  {
    TestLog log(disk);
    log.Commit("precious");
  }
  disk->Overwrite(kMaster, 0, stopped->Bytes(kMaster));
  const Strings before = disk->Paths();
  TestLog again(disk);
  EXPECT_TRUE(again.status().code() == Code::kLogMismatch);
  EXPECT_TRUE(disk->Paths() == before);
}

TEST(Corruption, MissingMasterRecordIsRefusedWhereThereAreSegments) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(5, 100, &lsns);
  disk->RemoveFile(kMaster);
  TestLog again(disk);
  EXPECT_TRUE(again.status().code() == Code::kCorruptLog);
}

TEST(Corruption, H45NewerVersionAndOtherByteOrderAreRefusedBeforeAnythingElse) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(5, 100, &lsns);
  for (const std::string& path : {std::string(kMaster), PathOf(0)}) {
    auto newer = disk->PowerCut(Survival::kNothing, 1);
    newer->Overwrite(path, 8, {2, 0, 0, 0});
    TestLog first(newer);
    EXPECT_TRUE(first.status().code() == Code::kUnsupportedFormat);
    auto swapped = disk->PowerCut(Survival::kNothing, 1);
    std::vector<uint8_t> magic = swapped->Bytes(path);
    magic.resize(8);
    std::reverse(magic.begin(), magic.end());
    swapped->Overwrite(path, 0, magic);
    if (path == kMaster) swapped->Overwrite(path, layout::master_slot_stride_bytes, magic);
    TestLog second(swapped);
    EXPECT_TRUE(second.status().code() == Code::kUnsupportedFormat);
  }
}

TEST(Corruption, AStoreWithoutItsMasterRecord_SaysSoAndNotThatItIsNoLog) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(3, 100, &lsns);
  disk->AddFile("/log/pages", {1, 2, 3});
  disk->RemoveFile(kMaster);
  const Strings before = disk->Paths();
  EXPECT_TRUE(TestLog(disk).status().code() == Code::kCorruptLog);
  EXPECT_TRUE(disk->Paths() == before);
}

TEST(Corruption, ForeignDirectoryIsLeftAlone) {
  auto disk = std::make_shared<SimulatedDisk>();
  disk->AddFile("/log/photo.jpg", {});
  const Strings before = disk->Paths();
  TestLog log(disk);
  EXPECT_TRUE(log.status().code() == Code::kNotALog);
  EXPECT_TRUE(disk->Paths() == before);
}

TEST(Corruption, H53LookAheadReadsNoMoreThanItsBound) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLogOptions options;
  options.segment_bytes = 4 << 20;
  {
    TestLog log(disk, options);
    ASSERT_OK(log.status());
    log.Commit("one");
  }
  auto image = disk->PowerCut(Survival::kNothing, 1);
  image->counters = Counters();
  uint64_t reads = 0;
  image->before = [&reads](Operation operation, const std::string& path) {
    reads += operation == Operation::kRead && path != kMaster;
    return Status::Ok();
  };
  TestLog again(image, options);
  ASSERT_OK(again.status());
  // Scan and look-ahead of 2 x 64 KiB, in chunks of 64 KiB and more, four of them read ahead by the
  // scan.
  EXPECT_TRUE(reads < 14);
}

}  // namespace

}  // namespace seawall::test

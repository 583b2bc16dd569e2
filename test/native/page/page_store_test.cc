// Goal: pages come back as they were written or not at all, never before their log, and every torn
// write is repaired (P4, H10, H27, H28, H29, H56).
// Method: a page store on a SimulatedDisk beside a log that is a number; power cuts at every
// operation of a batch, with any mixture of sectors surviving.
#include "page/page_store.h"

#include <cerrno>

#include "support/test_page_store.h"

namespace seawall::test {

TEST(PageStore, WrittenPagesComeBackAfterAPowerCutWithNothingLost) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestStore store(disk);
  ASSERT_OK(store.status());
  ASSERT_OK(store.WritePages(5, 10, 'a'));
  TestStore again(disk->PowerCut(Survival::kNothing, 1));
  ASSERT_OK(again.status());
  for (uint32_t id = 1; id <= 5; id++) EXPECT_EQ(again.Letter(id), 'a');
  EXPECT_EQ(again.Read(3).page_lsn, Lsn{10});
}

TEST(PageStore, UnknownPagesReadAsNeverWritten) {
  TestStore store(std::make_shared<SimulatedDisk>());
  ASSERT_OK(store.status());
  ASSERT_OK(store.store()->Grow(8));
  EXPECT_EQ(store.Letter(7), '0');
  EXPECT_EQ(store.Letter(4000000000u), '0');
}

TEST(PageStore, H27PageIsNotWrittenBeforeItsLogIsDurable) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestStore store(disk);
  ASSERT_OK(store.status());
  const uint64_t writes = disk->counters.writes;
  uint64_t writes_while_waiting = 0;
  store.wait_flushed = [&](Lsn lsn) {
    writes_while_waiting = disk->counters.writes - writes;
    EXPECT_EQ(lsn, Lsn{1000});
    store.flushed_lsn = 1008;
    return Status::Ok();
  };
  // pageLSN == flushedLSN: the record there is not durable yet.
  ASSERT_OK(store.WritePages(2, 1000, 'a'));
  EXPECT_EQ(writes_while_waiting, uint64_t{0});
  EXPECT_TRUE(disk->counters.writes > writes);
  EXPECT_EQ(store.store()->counters().log_waits.load(), uint64_t{1});
}

TEST(PageStore, H27PageWhoseLogNeverBecomesDurableIsNeverWritten) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestStore store(disk);
  ASSERT_OK(store.WritePages(1, 10, 'a'));
  const uint64_t writes = disk->counters.writes;
  EXPECT_EQ(store.WritePages(1, 2000, 'b').code(), Code::kPoisoned);
  EXPECT_EQ(disk->counters.writes, writes);
}

// Cuts the power at operation `stop` of writing version b over version a. Returns how many
// operations there were.
static int CutDuringSecondBatch(bool doublewrite, int stop, uint64_t seed, int* torn) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestStore store(disk, doublewrite);
  SEAWALL_ASSERT(store.status().ok() && store.WritePages(6, 10, 'a').ok());
  int operations = 0;
  std::shared_ptr<SimulatedDisk> cut;
  disk->failed_writes_land = true;
  disk->before = [&](Operation, const std::string&) {
    if (operations++ < stop) return Status::Ok();
    return Status::FromErrno(EIO, "write", "cut");
  };
  Status written = store.WritePages(6, 20, 'b');
  TestStore again(disk->PowerCut(Survival::kRandom, seed * 31 + 7), doublewrite);
  EXPECT_OK(again.status());
  for (uint32_t id = 1; id <= 6; id++) {
    const char letter = again.Letter(id);
    if (letter == '?') *torn += 1;
    if (written.ok()) EXPECT_TRUE(letter == 'b');
    if (letter != '?') EXPECT_TRUE(letter == 'a' || letter == 'b');
  }
  return operations;
}

TEST(PageStore, H28EveryTornPageIsRepairedFromTheDoublewriteCopy) {
  int torn = 0;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    for (int stop = 0;; stop++) {
      if (CutDuringSecondBatch(true, stop, seed, &torn) <= stop) break;
    }
  }
  EXPECT_EQ(torn, 0);
}

TEST(PageStore, H28WithoutDoublewriteTheSamePowerCutsTearPages) {
  int torn = 0;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    for (int stop = 0;; stop++) {
      if (CutDuringSecondBatch(false, stop, seed, &torn) <= stop) break;
    }
  }
  EXPECT_TRUE(torn > 0);
}

TEST(PageStore, H28RepairThatIsCutShortIsRepeated) {
  int repairs = 0;
  for (uint64_t seed = 1; seed <= 30; seed++) {
    auto disk = std::make_shared<SimulatedDisk>();
    {
      TestStore store(disk);
      ASSERT_OK(store.WritePages(6, 10, 'a'));
    }
    for (uint32_t id = 1; id <= 6; id++) disk->FlipBit(kDataPath, id * kPageBytes + 700, 3);
    int left = static_cast<int>(seed % 12);
    disk->failed_writes_land = true;
    disk->before = [&](Operation operation, const std::string&) {
      const bool changes = operation == Operation::kWrite || operation == Operation::kSync;
      return changes && left-- <= 0 ? Status::FromErrno(EIO, "write", "cut") : Status::Ok();
    };
    TestStore interrupted(disk);
    TestStore again(disk->PowerCut(Survival::kRandom, seed));
    ASSERT_OK(again.status());
    repairs += static_cast<int>(again.repaired().size());
    for (uint32_t id = 1; id <= 6; id++) EXPECT_EQ(again.Letter(id), 'a');
  }
  EXPECT_TRUE(repairs > 0);
}

TEST(PageStore, H29CopyBeyondTheEndOfTheLogIsNotRestored) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(1, 900, 'a'));
  }
  disk->FlipBit(kDataPath, kPageBytes + 700, 3);
  TestStore older_log(disk, true, 900);
  ASSERT_OK(older_log.status());
  EXPECT_TRUE(older_log.repaired().empty());
  EXPECT_EQ(older_log.Letter(1), '?');
}

TEST(PageStore, H29CopiesDoNotOutliveDoublewrite) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(1, 10, 'a'));
  }
  {
    TestStore store(disk, false);
    ASSERT_OK(store.status());
    EXPECT_TRUE(!disk->Exists(kDoublewritePath));
    ASSERT_OK(store.WritePages(1, 20, 'b'));
  }
  auto later = disk->PowerCut(Survival::kNothing, 1);
  later->FlipBit(kDataPath, kPageBytes + 700, 3);
  TestStore again(later);
  // Restoring version a would lose what the log no longer holds.
  EXPECT_EQ(again.Letter(1), '?');
}

TEST(PageStore, H10WhatAKilledProcessLeftIsDurableBeforeItIsRead) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(2, 10, 'a'));
    disk->before = [](Operation operation, const std::string& path) {
      return operation == Operation::kSync && path == kDataPath
                 ? Status::FromErrno(EIO, "fdatasync", path)
                 : Status::Ok();
    };
    EXPECT_TRUE(!store.WritePages(2, 20, 'b').ok());
    disk->before = nullptr;
  }
  auto killed = disk->KillProcess();
  char shown = '?';
  {
    TestStore again(killed);
    ASSERT_OK(again.status());
    shown = again.Letter(1);
    EXPECT_EQ(shown, 'b');
  }
  TestStore after_cut(killed->PowerCut(Survival::kNothing, 1));
  EXPECT_EQ(after_cut.Letter(1), shown);
}

TEST(PageStore, H56PageBeyondTheEndOfTheLogIsReported) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(2, 900, 'a'));
  }
  TestStore older_log(disk, true, 800);
  const PageReadResult result = older_log.Read(1);
  EXPECT_EQ(result.outcome, PageReadOutcome::kAheadOfLog);
  EXPECT_EQ(result.page_lsn, Lsn{900});
}

TEST(PageStore, DamagedAndMisplacedPagesAreNamed) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk, false);
    ASSERT_OK(store.WritePages(4, 10, 'a'));
  }
  disk->FlipBit(kDataPath, kPageBytes + 5, 0);
  const std::vector<uint8_t> bytes = disk->Bytes(kDataPath);
  disk->Overwrite(kDataPath, 2 * kPageBytes,
                  {bytes.begin() + 3 * kPageBytes, bytes.begin() + 4 * kPageBytes});
  disk->MakeUnreadable(kDataPath, 4 * kPageBytes);
  TestStore store(disk, false);
  EXPECT_EQ(store.Read(1).outcome, PageReadOutcome::kDamaged);
  EXPECT_EQ(store.Read(2).outcome, PageReadOutcome::kMisplaced);
  EXPECT_EQ(store.Letter(3), 'a');
  EXPECT_EQ(store.Read(4).outcome, PageReadOutcome::kDamaged);
}

TEST(PageStore, ReadThatFailsForOtherReasonsIsNotDamage) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestStore store(disk);
  ASSERT_OK(store.WritePages(1, 10, 'a'));
  disk->before = [](Operation operation, const std::string& path) {
    return operation == Operation::kRead ? Status::FromErrno(EIO, "read", path) : Status::Ok();
  };
  EXPECT_EQ(store.Read(1).outcome, PageReadOutcome::kFailed);
  EXPECT_EQ(store.Read(1).sys_errno, EIO);
  disk->before = nullptr;
  EXPECT_EQ(store.Letter(1), 'a');
}

TEST(PageStore, FailedWriteIsNeverFollowedByAnotherOne) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestStore store(disk);
  ASSERT_OK(store.WritePages(3, 10, 'a'));
  disk->before = [](Operation operation, const std::string& path) {
    return operation == Operation::kSync && path == kDataPath
               ? Status::FromErrno(EIO, "fdatasync", path)
               : Status::Ok();
  };
  EXPECT_EQ(store.WritePages(3, 20, 'b').code(), Code::kIo);
  disk->before = nullptr;
  const uint64_t writes = disk->counters.writes;
  EXPECT_EQ(store.WritePages(3, 30, 'c').code(), Code::kIo);
  EXPECT_EQ(disk->counters.writes, writes);
}

TEST(PageStore, OtherPageSizeOrOtherLogIsRefused) {
  auto disk = std::make_shared<SimulatedDisk>();
  { TestStore store(disk); }
  auto storage = NewSimulatedStorage(disk);
  std::unique_ptr<PageFile> file;
  EXPECT_EQ(
      PageFile::Open(storage.get(), kStoreDirectory, kLogId, 8192, OpenMode::kRead, &file).code(),
      Code::kOptionMismatch);
  LogId other = kLogId;
  other.bytes[0] ^= 1;
  EXPECT_EQ(PageFile::Open(storage.get(), kStoreDirectory, other, 0, OpenMode::kRead, &file).code(),
            Code::kLogMismatch);
  disk->FlipBit(kDataPath, 20, 0);
  EXPECT_EQ(
      PageFile::Open(storage.get(), kStoreDirectory, kLogId, 0, OpenMode::kRead, &file).code(),
      Code::kCorruptStore);
}

}  // namespace seawall::test

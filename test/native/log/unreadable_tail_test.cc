// Goal: a sector that a power cut made unreadable costs nothing but what was in it (F3): not the
// acknowledged bytes before it in the same block, and not the next open.
// Method: a sector behind the end of an acknowledged record, in the same block, cannot be read; the
// log is opened, read and written, also by a reader that may not repair anything.
#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

// Two records in the first sectors of a block, and a sector behind them that is lost.
template <typename Disk>
void LoseSectorBehind(Disk* disk, Lsn end) {
  const uint64_t offset = OffsetOf(end);
  disk->MakeUnreadable(PathOf(end), offset - offset % 512 + 512);
}

}  // namespace

TEST(UnreadableTail, SectorBehindTheEndInTheSameBlockIsCutAndWrittenAgain) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(2, 100, &lsns);
  LoseSectorBehind(disk.get(), lsns[1] + 124);
  {
    TestLog log(disk);
    ASSERT_OK(log.status());
    EXPECT_EQ(log.Bodies().size(), size_t{2});
    log.Commit(Repeated('n', 3000));
    EXPECT_EQ(log.Bodies().size(), size_t{3});
    ASSERT_OK(log.Close());
  }
  TestLog again(disk);
  ASSERT_OK(again.status());
  EXPECT_EQ(again.Bodies().size(), size_t{3});
}

TEST(UnreadableTail, SectorBehindTheEndInTheSameBlockDoesNotStopAReader) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(2, 100, &lsns);
  LoseSectorBehind(disk.get(), lsns[1] + 124);
  TestLogOptions options;
  options.read_only = true;
  TestLog log(disk, options);
  ASSERT_OK(log.status());
  EXPECT_EQ(log.Bodies().size(), size_t{2});
  RecordCopy record;
  ASSERT_OK(log.log()->ReadRecord(lsns[1], &record));
  EXPECT_EQ(record.body.size(), size_t{100});
}

}  // namespace seawall::test

// Goal: only a whole copy of the very page is ever written over a damaged one, in an order that
// survives another power cut; what is not known to be on disk is never believed (H10, H12, H27,
// H28, H29, H56). Method: a page store on a SimulatedDisk; damage by hex editor; the order of
// operations is noted.
#include "page/doublewrite.h"

#include <cerrno>

#include "base/crc32c.h"
#include "support/test_page_store.h"

namespace seawall::test {

namespace {

constexpr uint64_t HomeOf(uint32_t page_id) { return uint64_t{page_id} * kPageBytes; }

// Where the copy of the page lies after a batch of pages that begins with page 1.
constexpr uint64_t CopyOf(uint32_t page_id) { return uint64_t{page_id} * kPageBytes; }

std::vector<uint8_t> PageAt(const SimulatedDisk& disk, const char* path, uint64_t offset) {
  const std::vector<uint8_t> bytes = disk.Bytes(path);
  const auto from = bytes.begin() + static_cast<ptrdiff_t>(offset);
  return {from, from + kPageBytes};
}

// Pages 1 to 3, full of 'a', written and at rest.
std::shared_ptr<SimulatedDisk> DiskWithPages() {
  auto disk = std::make_shared<SimulatedDisk>();
  TestStore store(disk);
  EXPECT_OK(store.WritePages(3, 10, 'a'));
  return disk;
}

}  // namespace

TEST(Doublewrite, H29DamagedCopyIsNotRestored) {
  auto disk = DiskWithPages();
  for (uint32_t id : {1u, 2u}) disk->FlipBit(kDataPath, HomeOf(id) + 700, 3);
  disk->FlipBit(kDoublewritePath, CopyOf(1) + 900, 1);
  TestStore store(disk);
  ASSERT_OK(store.status());
  ASSERT_TRUE(store.repaired() == std::vector<uint32_t>{2});
  EXPECT_EQ(store.Read(1).outcome, PageReadOutcome::kDamaged);
  EXPECT_EQ(store.Letter(2), 'a');
  EXPECT_EQ(store.Letter(3), 'a');
}

TEST(Doublewrite, H29CopyOfAnotherPageIsNotRestored) {
  auto disk = DiskWithPages();
  disk->FlipBit(kDataPath, HomeOf(1) + 700, 3);
  disk->Overwrite(kDoublewritePath, CopyOf(1), PageAt(*disk, kDoublewritePath, CopyOf(2)));
  TestStore store(disk);
  ASSERT_OK(store.status());
  EXPECT_TRUE(store.repaired().empty());
  EXPECT_EQ(store.Read(1).outcome, PageReadOutcome::kDamaged);
}

TEST(Doublewrite, H29PageThatIsWholeStaysAsItIs) {
  auto newer = DiskWithPages();
  {
    TestStore store(newer);
    ASSERT_OK(store.WritePages(1, 20, 'b'));
  }
  auto disk = DiskWithPages();
  disk->Overwrite(kDataPath, HomeOf(1), PageAt(*newer, kDataPath, HomeOf(1)));
  TestStore store(disk);
  ASSERT_OK(store.status());
  EXPECT_TRUE(store.repaired().empty());
  EXPECT_EQ(store.Letter(1), 'b');
  EXPECT_EQ(store.Letter(2), 'a');
}

TEST(Doublewrite, H29DamagedHeaderRestoresNothingThatIsWrong) {
  const auto pristine = DiskWithPages();
  constexpr size_t kListedBytes = sizeof(layout::DoublewriteHeader) + 3 * sizeof(uint32_t);
  for (size_t at = 0; at < kListedBytes; at++) {
    auto disk = pristine->PowerCut(Survival::kNothing, at);
    disk->FlipBit(kDataPath, HomeOf(1) + 700, 3);
    disk->FlipBit(kDoublewritePath, at, static_cast<int>(at % 8));
    TestStore store(disk);
    ASSERT_OK(store.status());
    EXPECT_TRUE(store.repaired().empty());
    EXPECT_EQ(store.Letter(1), '?');
    EXPECT_EQ(store.Letter(2), 'a');
  }
}

// The checksums of such headers are right: somebody else's file, or a hostile one.
TEST(Doublewrite, H29HeaderThatDoesNotBelongHereRestoresNothing) {
  const auto pristine = DiskWithPages();
  const std::vector<uint8_t> original = PageAt(*pristine, kDoublewritePath, 0);
  const auto with = [&](const std::function<void(layout::DoublewriteHeader*, uint32_t*)>& change) {
    std::vector<uint8_t> block = original;
    auto header = LoadLittleEndian<layout::DoublewriteHeader>(block.data());
    uint32_t ids[] = {1, 2, 3};
    change(&header, ids);
    header.page_ids_crc = Crc32c(ids, sizeof(ids));
    header.header_crc = Crc32c(&header, sizeof(header) - sizeof(uint32_t));
    StoreLittleEndian(block.data(), header);
    CopyBytes(block.data() + sizeof(header), ids, sizeof(ids));
    auto disk = pristine->PowerCut(Survival::kNothing, 1);
    disk->FlipBit(kDataPath, HomeOf(1) + 700, 3);
    disk->Overwrite(kDoublewritePath, 0, block);
    const std::vector<uint8_t> data_header = PageAt(*disk, kDataPath, 0);
    TestStore store(disk);
    EXPECT_OK(store.status());
    EXPECT_TRUE(PageAt(*disk, kDataPath, 0) == data_header);
    return store.repaired().size();
  };
  EXPECT_EQ(with([](layout::DoublewriteHeader*, uint32_t*) {}), size_t{1});
  EXPECT_EQ(with([](auto* header, uint32_t*) { header->log_id.bytes[3] ^= 1; }), size_t{0});
  EXPECT_EQ(with([](auto* header, uint32_t*) { header->page_bytes *= 2; }), size_t{0});
  EXPECT_EQ(with([](auto* header, uint32_t*) { header->format_version += 1; }), size_t{0});
  EXPECT_EQ(with([](auto* header, uint32_t*) { header->page_count = UINT32_MAX; }), size_t{0});
  EXPECT_EQ(with([](auto*, uint32_t* ids) { ids[0] = 0; }), size_t{0});
  EXPECT_EQ(with([](auto*, uint32_t* ids) { ids[0] = 4000000000u; }), size_t{0});
}

TEST(Doublewrite, H28PageThatCannotBeReadIsRepaired) {
  auto disk = DiskWithPages();
  disk->MakeUnreadable(kDataPath, HomeOf(2) + 512);
  TestStore store(disk);
  ASSERT_OK(store.status());
  ASSERT_TRUE(store.repaired() == std::vector<uint32_t>{2});
  EXPECT_EQ(store.Letter(2), 'a');
}

TEST(Doublewrite, H10H28CopiesAreDurableBeforeARepairAndTheRepairBeforeAnythingElse) {
  auto disk = DiskWithPages()->KillProcess();
  disk->FlipBit(kDataPath, HomeOf(1) + 700, 3);
  disk->FlipBit(kDataPath, HomeOf(3) + 700, 3);
  std::string order;
  disk->before = [&](Operation operation, const std::string& path) {
    const bool is_data = path == kDataPath;
    if (operation == Operation::kWrite) order += is_data ? 'W' : 'w';
    if (operation == Operation::kSync) order += is_data ? 'S' : 's';
    return Status::Ok();
  };
  TestStore store(disk);
  ASSERT_OK(store.status());
  ASSERT_TRUE((store.repaired() == std::vector<uint32_t>{1, 3}));
  const size_t first_repair = order.find('W');
  const size_t last_repair = order.rfind('W');
  EXPECT_TRUE(order.find('s') < first_repair);
  EXPECT_TRUE(order.find('S') < first_repair);
  ASSERT_TRUE(last_repair + 1 < order.size());
  EXPECT_EQ(order[last_repair + 1], 'S');
}

TEST(Doublewrite, H29CopiesDoNotOutliveTheMomentWhenDoublewriteStops) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(2, 10, 'a'));
    ASSERT_OK(store.store()->StopDoublewrite());
    ASSERT_OK(store.WritePages(2, 20, 'b'));
  }
  auto later = disk->PowerCut(Survival::kNothing, 1);
  EXPECT_TRUE(!later->Exists(kDoublewritePath));
  later->FlipBit(kDataPath, HomeOf(1) + 700, 3);
  TestStore again(later);
  ASSERT_OK(again.status());
  EXPECT_EQ(again.Letter(1), '?');
  EXPECT_EQ(again.Letter(2), 'b');
}

TEST(Doublewrite, H27HighestPageLsnOfABatchDecides) {
  for (const uint32_t highest : {1u, 2u, 3u}) {
    auto disk = std::make_shared<SimulatedDisk>();
    TestStore store(disk);
    for (uint32_t id = 1; id <= 3; id++) store.Fill(id, id, id == highest ? 1000 : 10, 'a');
    const uint64_t writes = disk->counters.writes;
    EXPECT_EQ(store.Write({1, 2, 3}).code(), Code::kPoisoned);
    EXPECT_EQ(disk->counters.writes, writes);
  }
}

TEST(Doublewrite, H12FailedWriteInPlaceIsReportedAndNeverRepeated) {
  for (const int failing : {0, 1, 2}) {
    auto disk = std::make_shared<SimulatedDisk>();
    TestStore store(disk);
    // Pages that are no neighbours, so each is a write of its own.
    for (uint32_t i = 1; i <= 3; i++) store.Fill(i, 2 * i, 10, 'a');
    int writes = 0;
    disk->before = [&](Operation operation, const std::string& path) {
      const bool is_home = operation == Operation::kWrite && path == kDataPath;
      return is_home && writes++ == failing ? Status::FromErrno(EIO, "write", path) : Status::Ok();
    };
    EXPECT_EQ(store.Write({1, 2, 3}).code(), Code::kIo);
    disk->before = nullptr;
    const uint64_t before = disk->counters.writes;
    EXPECT_EQ(store.Write({1, 2, 3}).code(), Code::kIo);
    EXPECT_EQ(disk->counters.writes, before);
  }
}

TEST(Doublewrite, H56RecordOfThePageIsTheFirstThatTheLogLacks) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(1, 896, 'a'));
  }
  TestStore shorter(disk, true, 896);
  EXPECT_EQ(shorter.Read(1).outcome, PageReadOutcome::kAheadOfLog);
  TestStore longer(disk, true, 904);
  EXPECT_EQ(longer.Letter(1), 'a');
}

TEST(Doublewrite, H10NewDataFileIsWholeOnceItHasItsName) {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    auto disk = std::make_shared<SimulatedDisk>();
    auto storage = NewSimulatedStorage(disk);
    ASSERT_OK(storage->CreateDirectory(kStoreDirectory));
    ASSERT_OK(PageFile::Create(storage.get(), kStoreDirectory, kLogId, kPageBytes, 0));
    const Survival survival = seed % 2 == 0 ? Survival::kNothing : Survival::kRandom;
    TestStore store(disk->PowerCut(survival, seed));
    ASSERT_OK(store.status());
    EXPECT_EQ(store.Letter(1), '0');
  }
}

}  // namespace seawall::test

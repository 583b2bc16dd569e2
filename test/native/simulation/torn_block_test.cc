// Goal: what is left of a block when power goes in the middle of its write (F1, F3, F12).
// Method: every outcome, listed by the odometer; a letter stands for a sector of 512 bytes.
#include "device/torn_block.h"

#include <algorithm>
#include <set>

#include "support/device_bench.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using simulation::DeviceOptions;
using simulation::Outcomes;

DeviceOptions Torn(uint32_t sector_bytes, bool powersafe) {
  DeviceOptions options;
  options.sector_bytes = sector_bytes;
  options.outcomes = Outcomes::kTorn;
  options.powersafe_overwrite = powersafe;
  return options;
}

size_t CountOf(const std::vector<std::string>& outcomes, const std::string& outcome) {
  return static_cast<size_t>(std::count(outcomes.begin(), outcomes.end(), outcome));
}

// 'a' in every sector, durable; then 'b' over it, in flight.
std::vector<std::string> OutcomesOfAnOverwrite(const DeviceOptions& options) {
  DeviceBench bench(options);
  DeviceBench::Require(bench.Write('a', 0, 8, Durability::kDurable));
  DeviceBench::Require(bench.Write('b', 0));
  return OutcomesOf(*bench.disk);
}

TEST(TornBlock, F3_AWholeOutcome_IsNeverTorn) {
  DeviceOptions options;
  EXPECT_EQ(Joined(OutcomesOfAnOverwrite(options)), std::string("aaaaaaaa bbbbbbbb"));
}

TEST(TornBlock, F3_ATear_LeavesAPrefixOrASuffixOfTheWrite) {
  const std::vector<std::string> outcomes = OutcomesOfAnOverwrite(Torn(512, true));
  for (size_t k = 1; k < 8; k++) {
    EXPECT_EQ(CountOf(outcomes, std::string(k, 'b') + std::string(8 - k, 'a')), size_t{1});
    EXPECT_EQ(CountOf(outcomes, std::string(k, 'a') + std::string(8 - k, 'b')), size_t{1});
  }
}

TEST(TornBlock, F3_TheSectorAtTheTear_IsGarbageOrUnreadable) {
  const std::vector<std::string> outcomes = OutcomesOfAnOverwrite(Torn(512, true));
  for (size_t k = 0; k < 8; k++) {
    for (const char torn : {'?', '!'})
      EXPECT_EQ(CountOf(outcomes, std::string(k, 'b') + torn + std::string(7 - k, 'a')), size_t{1});
  }
  // Two whole, 14 tears, 16 damaged.
  EXPECT_EQ(outcomes.size(), size_t{32});
}

TEST(TornBlock, F3_WithSectorsOfFourKibibytes_NothingIsTornButTheSectorItself) {
  const std::vector<std::string> outcomes = OutcomesOfAnOverwrite(Torn(4096, true));
  EXPECT_EQ(Joined(outcomes), std::string("aaaaaaaa bbbbbbbb ???????? !!!!!!!!"));
}

TEST(TornBlock, SectorsThatTheWriteDoesNotChange_AreNoPlaceToTear) {
  DeviceBench bench(Torn(512, true));
  DeviceBench::Require(bench.Write('a', 0, 8, Durability::kDurable));
  DeviceBench::Require(bench.Write('b', 3, 1));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("aaaaaaaa aaabaaaa aaa?aaaa aaa!aaaa"));
}

TEST(TornBlock, A3_WithPowersafeOverwrite_BytesThatStayTheSameAreKept) {
  DeviceBench bench(Torn(512, true));
  std::string half(512, '\0');
  std::fill(half.begin(), half.begin() + 256, 'a');
  ASSERT_OK(bench.file->WriteAt(0, half.data(), half.size(), Durability::kDurable));
  std::string full(512, 'a');
  std::fill(full.begin() + 256, full.end(), 'b');
  ASSERT_OK(bench.file->WriteAt(0, full.data(), full.size(), Durability::kNone));
  auto odometer = std::make_shared<simulation::Odometer>();
  int outcomes = 0;
  do {
    DeviceBench after(bench.disk->CutPower(odometer));
    char bytes[512];
    // Nor is the sector unreadable: it has bytes to keep.
    ASSERT_OK(after.file->ReadAt(0, bytes, sizeof(bytes)));
    for (int i = 0; i < 256; i++) EXPECT_EQ(bytes[i], 'a');
    outcomes += 1;
  } while (odometer->Next());
  EXPECT_EQ(outcomes, 3);
}

TEST(TornBlock, F12_WithoutPowersafeOverwrite_TheNeighboursInThePhysicalSectorMayBeDamaged) {
  DeviceOptions options = Torn(512, false);
  options.physical_sector_bytes = 4096;
  DeviceBench bench(options);
  DeviceBench::Require(bench.Write('a', 0, 8, Durability::kDurable));
  DeviceBench::Require(bench.Write('b', 3, 1));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("aaaaaaaa aaabaaaa ???????? !!!!!!!!"));
}

TEST(TornBlock, F1_SectorsDecidedOneByOne_GiveEverySubset) {
  DeviceOptions options;
  options.outcomes = Outcomes::kSectors;
  const std::vector<std::string> outcomes = OutcomesOfAnOverwrite(options);
  EXPECT_EQ(std::set<std::string>(outcomes.begin(), outcomes.end()).size(), size_t{256});
  EXPECT_EQ(outcomes.size(), size_t{256});
}

TEST(TornBlock, AnUnreadableSector_ReadsAgainOnceItIsWritten) {
  DeviceBench bench;
  bench.disk->MakeUnreadable(kBenchPath, 512);
  EXPECT_EQ(bench.Read(0, 3), std::string(".!."));
  EXPECT_OK(bench.Write('n', 1, 1));
  EXPECT_EQ(bench.Read(0, 3), std::string(".n."));
  // Not durable yet: the damage may come back.
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk, 0, 3)), std::string(".!. .n."));
}

TEST(TornBlock, DamageByHexEditor_IsDurableAndVisibleAtOnce) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('v', 0, 1));
  bench.disk->FlipBit(kBenchPath, 700, 3);
  EXPECT_EQ(bench.disk->Bytes(kBenchPath)[700], uint8_t{8});
  bench.disk->Overwrite(kBenchPath, 4000, std::vector<uint8_t>(200, 'o'));
  EXPECT_EQ(bench.disk->Bytes(kBenchPath)[4199], uint8_t{'o'});
  EXPECT_EQ(OutcomesOf(*bench.disk).size(), size_t{1});
  bench.disk->MakeUnreadable(kBenchPath, 0);
  bench.disk->MakeReadable(kBenchPath);
  EXPECT_EQ(bench.Read(0, 1), std::string("v"));
}

}  // namespace

}  // namespace seawall::test

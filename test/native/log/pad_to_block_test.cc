// Goal: with padToBlock no acknowledged block is written again, that of the incarnation record
// included (F12: a drive that damages the sectors around an interrupted write).
// Method: where the first batch ends; and a write behind it that power interrupts on such a drive.
#include "support/simulated.h"
#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

constexpr uint64_t kBlock = 4096;

std::shared_ptr<SimulatedDisk> DiskThatDamagesNeighbours() {
  simulation::DeviceOptions options;
  options.sector_bytes = 512;
  options.physical_sector_bytes = kBlock;
  options.powersafe_overwrite = false;
  options.outcomes = simulation::Outcomes::kTorn;
  return std::make_shared<SimulatedDisk>(options);
}

// Opens again after every outcome of a power cut in the middle of the first write after an open.
// Returns how many of them were refused.
size_t RefusedOpens(bool pads) {
  TestLogOptions options;
  options.pad_to_block = pads;
  auto disk = DiskThatDamagesNeighbours();
  TestLog log(disk, options);
  SEAWALL_ASSERT(log.status().ok());
  // The second one lies in another block, and promises the incarnation record.
  log.Append(Repeated('a', 6000));
  log.Append(Repeated('b', 100));
  simulation::DiskImage image;
  disk->observer = [&](const simulation::DeviceEvent& event) {
    if (event.kind == simulation::EventKind::kWriteIssued) image = disk->Snapshot();
  };
  SEAWALL_ASSERT(log.Flush().ok());
  image.CutPower(disk->options());
  auto odometer = std::make_shared<simulation::Odometer>();
  size_t refused = 0;
  do {
    auto left = std::make_shared<SimulatedDisk>(image, disk->options(), odometer);
    TestLog again(left, options);
    if (!again.status().ok()) refused += 1;
  } while (odometer->Next());
  return refused;
}

}  // namespace

TEST(PadToBlock, EveryOpenEndsWithAWholeBlock) {
  TestLogOptions options;
  options.pad_to_block = true;
  auto disk = std::make_shared<SimulatedDisk>();
  for (int open = 1; open < 100; open++) {
    TestLog log(disk, options);
    ASSERT_OK(log.status());
    EXPECT_EQ(log.end_lsn() % kBlock, uint64_t{0});
    ASSERT_OK(log.Close());
  }
}

TEST(PadToBlock, F12_FirstWriteAfterAnOpenIsInterrupted_TheIncarnationRecordIsWhole) {
  EXPECT_EQ(RefusedOpens(true), size_t{0});
  // Without padding such a drive cannot be survived; this shows that the test can fail.
  EXPECT_TRUE(RefusedOpens(false) > 0);
}

}  // namespace seawall::test

// Goal: what is durable when, and what a power cut may leave of the rest (F1, F2, F4, F5, F10).
// Method: one file; every outcome of a cut, listed by the odometer. A letter stands for a sector.
#include "support/device_bench.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using simulation::DeviceOptions;
using simulation::Odometer;
using simulation::Outcomes;
using simulation::SimulatedDisk;
using simulation::Survival;

TEST(VolatileCache, F2_AWriteThatWasNotSynced_IsThereOrNot) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0));
  EXPECT_EQ(bench.Read(), std::string("aaaaaaaa"));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........ aaaaaaaa"));
}

TEST(VolatileCache, F2_OfSeveralVersions_AnyMaySurvive) {
  DeviceBench bench;
  for (const char letter : {'a', 'b', 'c'}) EXPECT_OK(bench.Write(letter, 0));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........ aaaaaaaa bbbbbbbb cccccccc"));
}

TEST(VolatileCache, AVersionWithTheSameBytes_IsNoOutcomeOfItsOwn) {
  DeviceBench bench;
  for (const char letter : {'a', 'a', 'b', 'a'}) EXPECT_OK(bench.Write(letter, 0));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........ aaaaaaaa bbbbbbbb"));
}

TEST(VolatileCache, AfterASync_OneOutcomeIsLeft) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0));
  EXPECT_OK(bench.file->Sync());
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("aaaaaaaa"));
}

TEST(VolatileCache, F4_ADurableWrite_CoversItselfOnly) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0, 4));
  EXPECT_OK(bench.Write('b', 4, 4, Durability::kDurable));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("....bbbb aaaabbbb"));
}

TEST(VolatileCache, F4_ASyncInAQueue_CoversOnlyWhatHadCompletedWhenItWasSubmitted) {
  DeviceBench bench;
  std::unique_ptr<IoQueue> queue;
  ASSERT_OK(bench.storage->NewQueue(4, &queue));
  const std::string early(4096, 'e');
  const std::string late(4096, 'l');
  const IoSlice slices[] = {{early.data(), early.size()}, {late.data(), late.size()}};
  IoCompletion completion;
  queue->SubmitWrite(bench.file.get(), 0, &slices[0], 1, Durability::kNone, 1);
  EXPECT_EQ(queue->Wait(&completion, 1), size_t{1});
  queue->SubmitWrite(bench.file.get(), 4096, &slices[1], 1, Durability::kNone, 2);
  queue->SubmitSync(bench.file.get(), 3);
  while (queue->Wait(&completion, 1) != 0) EXPECT_OK(completion.status);
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk, 0, 9)), std::string("eeeeeeee. eeeeeeeel"));
}

TEST(VolatileCache, F1_AWriteInFlight_IsThereOrNotButNotVisible) {
  DeviceBench bench;
  std::unique_ptr<IoQueue> queue;
  ASSERT_OK(bench.storage->NewQueue(4, &queue));
  const std::string bytes(4096, 'f');
  const IoSlice slice = {bytes.data(), bytes.size()};
  queue->SubmitWrite(bench.file.get(), 0, &slice, 1, Durability::kDurable, 1);
  EXPECT_EQ(bench.Read(), std::string("........"));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........ ffffffff"));
  IoCompletion completion;
  EXPECT_EQ(queue->Wait(&completion, 1), size_t{1});
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("ffffffff"));
}

TEST(VolatileCache, F5_CompletionOrder_IsAChoice) {
  std::string orders;
  auto odometer = std::make_shared<Odometer>();
  do {
    DeviceBench bench;
    bench.disk->completion_order = odometer;
    std::unique_ptr<IoQueue> queue;
    ASSERT_OK(bench.storage->NewQueue(4, &queue));
    char bytes[512];
    for (uint64_t tag = 1; tag <= 3; tag++)
      queue->SubmitRead(bench.file.get(), 0, bytes, sizeof(bytes), tag);
    IoCompletion completion;
    while (queue->Wait(&completion, 1) != 0) orders += std::to_string(completion.tag);
    orders += ' ';
  } while (odometer->Next());
  EXPECT_EQ(orders, std::string("123 132 213 231 312 321 "));
}

TEST(VolatileCache, F5_AdjacentWritesThatAreMerged_LandAndFailTogether) {
  DeviceOptions options;
  options.merges_adjacent_writes = true;
  DeviceBench bench(options);
  simulation::Fault fault;
  fault.skip = 1;
  bench.disk->AddFault(fault);
  std::unique_ptr<IoQueue> queue;
  ASSERT_OK(bench.storage->NewQueue(8, &queue));
  const std::string bytes(4096, 'm');
  const IoSlice slice = {bytes.data(), bytes.size()};
  IoCompletion completion;
  for (int round = 0; round < 2; round++) {
    queue->SubmitWrite(bench.file.get(), 0, &slice, 1, Durability::kDurable, 1);
    queue->SubmitWrite(bench.file.get(), 4096, &slice, 1, Durability::kDurable, 2);
    EXPECT_EQ(queue->Wait(&completion, 1), size_t{1});
    EXPECT_EQ(completion.status.ok(), round == 0);
    EXPECT_EQ(bench.Read(0, 9), std::string("mmmmmmmmm"));
    EXPECT_EQ(queue->Wait(&completion, 1), size_t{1});
    EXPECT_EQ(completion.status.ok(), round == 0);
  }
  EXPECT_EQ(bench.disk->counters.writes, uint64_t{1});
}

TEST(VolatileCache, ABufferThatChangesWhileItsWriteIsInFlight_IsCounted) {
  DeviceBench bench;
  std::unique_ptr<IoQueue> queue;
  ASSERT_OK(bench.storage->NewQueue(4, &queue));
  std::string bytes(4096, 'b');
  const IoSlice slice = {bytes.data(), bytes.size()};
  queue->SubmitWrite(bench.file.get(), 0, &slice, 1, Durability::kNone, 1);
  bytes[17] = 'x';
  IoCompletion completion;
  EXPECT_EQ(queue->Wait(&completion, 1), size_t{1});
  EXPECT_EQ(bench.disk->counters.changed_buffers, uint64_t{1});
}

TEST(VolatileCache, F10_AfterAProcessKill_EverythingIsVisibleAndStillVolatile) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('k', 0));
  DeviceBench killed(bench.disk->KillProcess());
  EXPECT_EQ(killed.Read(), std::string("kkkkkkkk"));
  EXPECT_EQ(Joined(OutcomesOf(*killed.disk)), std::string("........ kkkkkkkk"));
  EXPECT_OK(killed.file->Sync());
  EXPECT_EQ(Joined(OutcomesOf(*killed.disk)), std::string("kkkkkkkk"));
}

TEST(VolatileCache, WhatNobodyReadAfterACut_IsStillUndecidedAtTheNext) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0));
  EXPECT_OK(bench.Write('b', 8));
  auto odometer = std::make_shared<Odometer>();
  std::string seen;
  do {
    DeviceBench once(bench.disk->CutPower(odometer));
    once.Read(0, 1);
    DeviceBench twice(once.disk->CutPower(odometer));
    seen += twice.Read(0, 1) + twice.Read(8, 1) + " ";
  } while (odometer->Next());
  // The first block was decided once; the second one at the second start.
  EXPECT_EQ(seen, std::string(".. .b a. ab "));
}

TEST(VolatileCache, WhatIsUndecided_IsNotChangedByASync) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0));
  auto oldest = std::make_shared<simulation::ListedChoices>(std::vector<uint32_t>());
  DeviceBench once(bench.disk->CutPower(oldest));
  EXPECT_OK(once.file->Sync());
  EXPECT_EQ(Joined(OutcomesOf(*once.disk)), std::string("........ aaaaaaaa"));
}

TEST(VolatileCache, AWholeOverwriteOfWhatIsUndecided_DecidesNothing) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0));
  auto odometer = std::make_shared<Odometer>();
  DeviceBench once(bench.disk->CutPower(odometer));
  EXPECT_OK(once.Write('n', 0));
  EXPECT_EQ(odometer->trace().size(), size_t{0});
  EXPECT_EQ(once.Read(), std::string("nnnnnnnn"));
  EXPECT_EQ(Joined(OutcomesOf(*once.disk)), std::string("........ aaaaaaaa nnnnnnnn"));
  EXPECT_OK(once.file->Sync());
  EXPECT_EQ(Joined(OutcomesOf(*once.disk)), std::string("nnnnnnnn"));
}

TEST(VolatileCache, APartialOverwriteOfWhatIsUndecided_DecidesFirst) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0));
  auto odometer = std::make_shared<Odometer>();
  std::string seen;
  do {
    DeviceBench once(bench.disk->CutPower(odometer));
    EXPECT_OK(once.Write('n', 0, 2));
    seen += once.Read() + " ";
  } while (odometer->Next());
  EXPECT_EQ(seen, std::string("nn...... nnaaaaaa "));
}

TEST(VolatileCache, ASurvivalInOneWord_IsDecidedAtOnceAndTheSameForOneSeed) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0, 24));
  EXPECT_EQ(DeviceBench(bench.disk->PowerCut(Survival::kNothing, 1)).Read(), std::string(8, '.'));
  EXPECT_EQ(DeviceBench(bench.disk->PowerCut(Survival::kEverything, 1)).Read(),
            std::string(8, 'a'));
  const std::string mixed = DeviceBench(bench.disk->PowerCut(Survival::kRandom, 5)).Read(0, 24);
  EXPECT_EQ(DeviceBench(bench.disk->PowerCut(Survival::kRandom, 5)).Read(0, 24), mixed);
  EXPECT_TRUE(mixed.find('a') != std::string::npos && mixed.find('.') != std::string::npos);
  EXPECT_EQ(bench.disk->PowerCut(Survival::kRandom, 5)->undecided_blocks(), 0u);
}

TEST(VolatileCache, I7_StableAreBytesThatNoOutcomeChanges) {
  DeviceBench bench;
  EXPECT_TRUE(bench.disk->IsStable(kBenchPath, 0, 4096));
  EXPECT_OK(bench.Write('a', 1, 1));
  EXPECT_TRUE(bench.disk->IsStable(kBenchPath, 0, 512));
  EXPECT_TRUE(!bench.disk->IsStable(kBenchPath, 0, 513));
  EXPECT_OK(bench.file->Sync());
  EXPECT_TRUE(bench.disk->IsStable(kBenchPath, 0, 4096));
  EXPECT_OK(bench.Write('a', 1, 1));
  EXPECT_TRUE(bench.disk->IsStable(kBenchPath, 0, 4096));
  EXPECT_TRUE(!bench.disk->IsStable(kBenchPath, 0, 1 << 20));
}

TEST(VolatileCache, EverySnapshotKeepsWhatItSaw_AndEqualDisksHaveEqualHashes) {
  DeviceBench bench;
  const simulation::DiskImage empty = bench.disk->Snapshot();
  EXPECT_OK(bench.Write('a', 0));
  const simulation::DiskImage written = bench.disk->Snapshot();
  EXPECT_OK(bench.file->Sync());
  EXPECT_TRUE(empty.Hash() != written.Hash() && written.Hash() != bench.disk->Snapshot().Hash());
  EXPECT_OK(bench.Write('.', 0));
  DeviceBench other;
  EXPECT_EQ(other.disk->Snapshot().Hash(), empty.Hash());
  EXPECT_OK(other.Write('a', 0));
  EXPECT_EQ(other.disk->Snapshot().Hash(), written.Hash());
  auto newest = std::make_shared<simulation::LastChoices>();
  simulation::DiskImage cut = written;
  cut.CutPower({});
  EXPECT_EQ(DeviceBench(SimulatedDisk::Restarted(cut, DeviceOptions(), newest)).Read(),
            std::string("aaaaaaaa"));
}

TEST(VolatileCache, EveryEventIsAnnounced_AndAWriteTwice) {
  DeviceBench bench;
  std::string order;
  bench.disk->observer = [&](const simulation::DeviceEvent& event) {
    static constexpr char kLetters[] = {'i', 'w', 's', 'S', 'a', 'c', 'r', 'x', 'D'};
    order += kLetters[static_cast<size_t>(event.kind)];
  };
  const uint64_t events = bench.disk->events();
  EXPECT_OK(bench.Write('a', 0));
  EXPECT_OK(bench.file->Sync());
  EXPECT_OK(bench.file->Allocate(8192));
  EXPECT_OK(bench.storage->Rename(kBenchPath, "/d/other"));
  EXPECT_OK(bench.storage->Remove("/d/other"));
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_EQ(order, std::string("iwsSarxD"));
  EXPECT_EQ(bench.disk->events() - events, uint64_t{8});
}

}  // namespace

}  // namespace seawall::test

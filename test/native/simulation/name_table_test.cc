// Goal: when names and sizes are durable, and what a power cut may leave of the rest (F9).
// Method: every outcome of a cut, listed by the odometer.
#include <algorithm>

#include "support/device_bench.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using simulation::DeviceOptions;
using simulation::Odometer;
using simulation::SimulatedDisk;

struct NameBench {
  NameBench() : disk(std::make_shared<SimulatedDisk>()), storage(NewSimulatedStorage(disk)) {
    DeviceBench::Require(storage->CreateDirectory("/d"));
  }
  std::unique_ptr<File> Create(const std::string& path) {
    std::unique_ptr<File> file;
    DeviceBench::Require(storage->Open(path, OpenMode::kCreateNew, &file));
    return file;
  }
  // The names in every outcome, "a b|a|..." without their directory.
  std::string Outcomes() const {
    std::string all;
    auto odometer = std::make_shared<Odometer>();
    do {
      std::string names;
      for (const std::string& path : disk->CutPower(odometer)->Paths())
        names += (names.empty() ? "" : " ") + path.substr(path.find_last_of('/') + 1);
      all += (all.empty() ? "" : "|") + (names.empty() ? "-" : names);
    } while (odometer->Next());
    return all;
  }
  std::shared_ptr<SimulatedDisk> disk;
  std::unique_ptr<Storage> storage;
};

TEST(NameTable, F9_ANewName_IsThereOrNotUntilItsDirectoryIsSynced) {
  NameBench bench;
  const auto file = bench.Create("/d/a");
  EXPECT_OK(file->Sync());
  EXPECT_EQ(bench.Outcomes(), std::string("-|a"));
  EXPECT_OK(bench.storage->SyncDirectory("/other"));
  EXPECT_EQ(bench.Outcomes(), std::string("-|a"));
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_EQ(bench.Outcomes(), std::string("a"));
}

TEST(NameTable, F9_ARename_IsNeverHalfDone) {
  NameBench bench;
  bench.Create("/d/a");
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_OK(bench.storage->Rename("/d/a", "/d/b"));
  EXPECT_EQ(bench.Outcomes(), std::string("a|b"));
}

TEST(NameTable, F9_ARenameOverAnotherFile_LeavesTheOldOneOrTheNewOne) {
  NameBench bench;
  DeviceBench::Require(bench.Create("/d/a")->Allocate(4096));
  bench.Create("/d/b");
  std::unique_ptr<File> file;
  ASSERT_OK(bench.storage->Open("/d/a", OpenMode::kReadWrite, &file));
  EXPECT_OK(file->Sync());
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_OK(bench.storage->Rename("/d/a", "/d/b"));
  auto odometer = std::make_shared<Odometer>();
  std::string sizes;
  do {
    sizes += std::to_string(bench.disk->CutPower(odometer)->Bytes("/d/b").size()) + " ";
  } while (odometer->Next());
  EXPECT_EQ(sizes, std::string("0 4096 "));
}

TEST(NameTable, F9_ARenameOfAFileWhoseFirstNameWasLost_DidNotHappenEither) {
  NameBench bench;
  bench.Create("/d/a");
  EXPECT_OK(bench.storage->Rename("/d/a", "/d/b"));
  EXPECT_EQ(bench.Outcomes(), std::string("-|a|b"));
}

TEST(NameTable, F9_ARemovedName_MayComeBack) {
  NameBench bench;
  bench.Create("/d/a");
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_OK(bench.storage->Remove("/d/a"));
  EXPECT_TRUE(!bench.disk->Exists("/d/a"));
  EXPECT_EQ(bench.Outcomes(), std::string("a|-"));
}

TEST(NameTable, F9_ChangesOfSeveralNames_SurviveInAnyCombination) {
  NameBench bench;
  bench.Create("/d/a");
  bench.Create("/d/b");
  EXPECT_EQ(bench.Outcomes(), std::string("-|b|a|a b"));
}

TEST(NameTable, F9_ADirectoryThatWasLost_TakesItsFilesAlong) {
  NameBench bench;
  EXPECT_OK(bench.storage->CreateDirectory("/d/sub"));
  bench.Create("/d/sub/a");
  EXPECT_OK(bench.storage->SyncDirectory("/d/sub"));
  EXPECT_EQ(bench.Outcomes(), std::string("-|a"));
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_EQ(bench.Outcomes(), std::string("a"));
}

TEST(NameTable, F9_ASize_IsTheOldOrTheNewOneUntilTheFileIsSynced) {
  DeviceBench bench(DeviceOptions(), 1);
  EXPECT_OK(bench.file->Allocate(8192));
  auto odometer = std::make_shared<Odometer>();
  std::string sizes;
  do {
    sizes += std::to_string(bench.disk->CutPower(odometer)->Bytes(kBenchPath).size()) + " ";
  } while (odometer->Next());
  EXPECT_EQ(sizes, std::string("4096 8192 "));
  EXPECT_OK(bench.file->Sync());
  EXPECT_EQ(bench.disk->CutPower(odometer)->Bytes(kBenchPath).size(), size_t{8192});
}

TEST(NameTable, F9_WhatWasWrittenToANewFile_MayReadAsAnOldFilesBytes) {
  DeviceOptions options;
  options.shows_recycled_blocks = true;
  DeviceBench bench(options, 1);
  EXPECT_OK(bench.Write('o', 0, 8, Durability::kDurable));
  EXPECT_OK(bench.storage->Remove(kBenchPath));
  ASSERT_OK(bench.storage->Open(kBenchPath, OpenMode::kCreateNew, &bench.file));
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_OK(bench.Write('n', 0));
  auto outcomes = OutcomesOf(*bench.disk);
  // The size may be lost as well; then nothing can be read.
  std::erase(outcomes, "!!!!!!!!");
  EXPECT_EQ(Joined(outcomes), std::string("........ oooooooo nnnnnnnn"));
}

TEST(NameTable, IsStable_WantsADurableName) {
  NameBench bench;
  const auto file = bench.Create("/d/a");
  EXPECT_OK(file->Allocate(4096));
  EXPECT_OK(file->Sync());
  EXPECT_TRUE(!bench.disk->IsStable("/d/a", 0, 4096));
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_TRUE(bench.disk->IsStable("/d/a", 0, 4096));
}

TEST(NameTable, FilesWithoutANameAfterACut_AreForgotten) {
  NameBench bench;
  bench.Create("/d/a");
  bench.Create("/d/b");
  EXPECT_OK(bench.storage->Remove("/d/a"));
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  auto oldest = std::make_shared<simulation::ListedChoices>(std::vector<uint32_t>());
  NameBench other;
  other.Create("/d/b");
  EXPECT_OK(other.storage->SyncDirectory("/d"));
  EXPECT_EQ(bench.disk->CutPower(oldest)->Snapshot().Hash(),
            other.disk->CutPower(oldest)->Snapshot().Hash());
}

}  // namespace

}  // namespace seawall::test

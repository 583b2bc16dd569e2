// Goal: each fault does what it says, where and as often as it says, and nothing else (F6-F8, F13,
// F14, F15).
// Method: one file and one fault; what is visible, what survives.
#include <cerrno>

#include "support/device_bench.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using simulation::Fault;
using simulation::FaultEffect;
using simulation::Operation;

Fault FaultOf(Operation operation, FaultEffect effect, uint64_t amount = 0) {
  Fault fault;
  fault.operation = operation;
  fault.effect = effect;
  fault.amount = amount;
  return fault;
}

TEST(DeviceFaults, F6_AnErrorOnce_HitsTheOperationItIsFor) {
  DeviceBench bench;
  Fault fault = FaultOf(Operation::kWrite, FaultEffect::kFail);
  fault.skip = 1;
  fault.sys_errno = ENODATA;
  bench.disk->AddFault(fault);
  EXPECT_OK(bench.Write('a', 0));
  EXPECT_EQ(bench.Write('b', 0).sys_errno(), ENODATA);
  EXPECT_EQ(bench.Read(), std::string("aaaaaaaa"));
  EXPECT_OK(bench.Write('c', 0));
  EXPECT_EQ(bench.disk->fault_hits(), uint64_t{1});
}

TEST(DeviceFaults, F6_AStickyError_StaysUntilItIsTakenAway) {
  DeviceBench bench;
  Fault fault = FaultOf(Operation::kSync, FaultEffect::kFail);
  fault.times = Fault::kAlways;
  bench.disk->AddFault(fault);
  for (int i = 0; i < 3; i++) EXPECT_EQ(bench.file->Sync().sys_errno(), EIO);
  bench.disk->ClearFaults();
  EXPECT_OK(bench.file->Sync());
}

TEST(DeviceFaults, F6_EveryKindOfOperationCanFail_OnThePathsThatAreMeant) {
  char bytes[512];
  for (const Operation operation :
       {Operation::kRead, Operation::kWrite, Operation::kSync, Operation::kAllocate,
        Operation::kOpen, Operation::kRename, Operation::kRemove, Operation::kSyncDirectory}) {
    DeviceBench bench;
    Fault fault = FaultOf(operation, FaultEffect::kFail);
    fault.times = Fault::kAlways;
    fault.path_part = "elsewhere";
    bench.disk->AddFault(fault);
    EXPECT_OK(bench.Write('a', 0));
    fault.path_part = "/d";
    bench.disk->SetFault(fault);
    std::unique_ptr<File> again;
    const Status results[] = {bench.file->ReadAt(0, bytes, sizeof(bytes)),
                              bench.Write('b', 0),
                              bench.file->Sync(),
                              bench.file->Allocate(4 * 4096),
                              bench.storage->Open(kBenchPath, OpenMode::kRead, &again),
                              bench.storage->Rename(kBenchPath, "/d/b"),
                              bench.storage->Remove("/d/b"),
                              bench.storage->SyncDirectory("/d")};
    int failed = 0;
    for (const Status& status : results) failed += status.sys_errno() == EIO;
    EXPECT_EQ(failed, 1);
    EXPECT_EQ(results[static_cast<size_t>(operation)].sys_errno(), EIO);
  }
}

TEST(DeviceFaults, F6_AFullDisk_RefusesToAllocate) {
  DeviceBench bench;
  bench.disk->capacity_bytes = 5 * 4096;
  EXPECT_OK(bench.file->Allocate(5 * 4096));
  EXPECT_EQ(bench.file->Allocate(6 * 4096).sys_errno(), ENOSPC);
}

TEST(DeviceFaults, F7_AFailedWrite_MayHaveLandedInPart) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kWrite, FaultEffect::kFailInPart, 3 * 512));
  EXPECT_TRUE(!bench.Write('p', 0, 16, Durability::kDurable).ok());
  EXPECT_EQ(bench.Read(), std::string("ppp....."));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........ ppp....."));
}

TEST(DeviceFaults, F7_AShortWrite_HasNoErrno) {
  DeviceBench bench;
  Fault fault = FaultOf(Operation::kWrite, FaultEffect::kFailInPart, 512);
  fault.sys_errno = 0;
  bench.disk->AddFault(fault);
  const Status status = bench.Write('p', 0, 16, Durability::kDurable);
  EXPECT_TRUE(status.code() == Code::kIo && status.sys_errno() == 0);
  EXPECT_EQ(bench.Read(), std::string("p......."));
}

TEST(DeviceFaults, F8_AFailedWrite_MayHaveLandedWhollyButNotDurably) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kWrite, FaultEffect::kFailDone));
  EXPECT_TRUE(!bench.Write('w', 0, 8, Durability::kDurable).ok());
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........ wwwwwwww"));
}

TEST(DeviceFaults, F8_AFailedSync_MayHaveMadeThingsDurable) {
  for (const FaultEffect effect : {FaultEffect::kFail, FaultEffect::kFailDone}) {
    DeviceBench bench;
    bench.disk->AddFault(FaultOf(Operation::kSync, effect));
    EXPECT_OK(bench.Write('s', 0));
    EXPECT_TRUE(!bench.file->Sync().ok());
    EXPECT_EQ(OutcomesOf(*bench.disk).size(), effect == FaultEffect::kFail ? size_t{2} : size_t{1});
  }
}

TEST(DeviceFaults, F8_AFailedSyncThatLoses_LeavesNothingForALaterOneToCover) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('a', 0));
  EXPECT_OK(bench.file->Sync());
  bench.disk->AddFault(FaultOf(Operation::kSync, FaultEffect::kFailLosing));
  EXPECT_OK(bench.Write('s', 0));
  EXPECT_EQ(bench.file->Sync().sys_errno(), EIO);
  EXPECT_OK(bench.file->Sync());
  EXPECT_EQ(bench.Read(), std::string("aaaaaaaa"));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("aaaaaaaa"));
}

TEST(DeviceFaults, F15_ALyingSync_SaysOkAndDoesNothing) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kSync, FaultEffect::kLose));
  EXPECT_OK(bench.Write('l', 0));
  EXPECT_OK(bench.file->Sync());
  EXPECT_EQ(OutcomesOf(*bench.disk).size(), size_t{2});
  EXPECT_OK(bench.file->Sync());
  EXPECT_EQ(OutcomesOf(*bench.disk).size(), size_t{1});
}

TEST(DeviceFaults, F15_ALyingSync_LeavesDurableWritesVolatileToo) {
  DeviceBench bench;
  Fault fault = FaultOf(Operation::kSync, FaultEffect::kLose);
  fault.times = Fault::kAlways;
  bench.disk->AddFault(fault);
  EXPECT_OK(bench.Write('l', 0, 8, Durability::kDurable));
  EXPECT_EQ(bench.Read(), std::string("llllllll"));
  EXPECT_EQ(OutcomesOf(*bench.disk).size(), size_t{2});
  DeviceBench switched;
  switched.disk->lying_sync = true;
  EXPECT_OK(switched.Write('l', 0, 8, Durability::kDurable));
  EXPECT_OK(switched.file->Sync());
  EXPECT_EQ(OutcomesOf(*switched.disk).size(), size_t{2});
}

TEST(DeviceFaults, F15_EveryThirdSync_CanBeTheOneThatLies) {
  DeviceBench bench;
  Fault fault = FaultOf(Operation::kSync, FaultEffect::kLose);
  fault.every = 3;
  fault.times = Fault::kAlways;
  bench.disk->AddFault(fault);
  std::string lies;
  for (char letter = 'a'; letter < 'g'; letter++) {
    EXPECT_OK(bench.Write(letter, 0));
    EXPECT_OK(bench.file->Sync());
    lies += OutcomesOf(*bench.disk).size() == 1 ? '-' : 'L';
  }
  EXPECT_EQ(lies, std::string("L--L--"));
}

TEST(DeviceFaults, F15_ASyncInPart_CoversOnlyTheFirstBlocks) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kSync, FaultEffect::kSyncInPart, 1));
  EXPECT_OK(bench.Write('p', 0, 16));
  EXPECT_OK(bench.file->Sync());
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk, 7, 2)), std::string("p. pp"));
}

TEST(DeviceFaults, F15_ALateSync_TakesEffectAfterMoreOperations) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kSync, FaultEffect::kSyncLate, 2));
  EXPECT_OK(bench.Write('l', 0));
  EXPECT_OK(bench.file->Sync());
  EXPECT_OK(bench.Write('m', 8));
  EXPECT_EQ(OutcomesOf(*bench.disk, 0).size(), size_t{2});
  EXPECT_OK(bench.Write('n', 8));
  // Only what had completed when it was issued.
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk, 7, 2)), std::string("l. lm ln"));
}

TEST(DeviceFaults, F15_ALyingSyncOfADirectory_LeavesNamesVolatile) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kSyncDirectory, FaultEffect::kLose));
  EXPECT_OK(bench.storage->Rename(kBenchPath, "/d/new"));
  EXPECT_OK(bench.storage->SyncDirectory("/d"));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........ no file"));
}

TEST(DeviceFaults, F14_AMisdirectedWrite_LandsAtAnotherBlock) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kWrite, FaultEffect::kMisdirect, 2));
  EXPECT_OK(bench.Write('x', 0, 8, Durability::kDurable));
  EXPECT_EQ(bench.Read(0, 1) + bench.Read(16, 1), std::string(".x"));
  EXPECT_EQ(OutcomesOf(*bench.disk).size(), size_t{1});
}

TEST(DeviceFaults, F14_ALostWrite_IsAcknowledgedAndNeverThere) {
  DeviceBench bench;
  bench.disk->AddFault(FaultOf(Operation::kWrite, FaultEffect::kLose));
  EXPECT_OK(bench.Write('x', 0, 8, Durability::kDurable));
  EXPECT_EQ(bench.Read(), std::string("........"));
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk)), std::string("........"));
}

TEST(DeviceFaults, F14_AStaleRead_ReturnsWhatTheMediumHeldBefore) {
  DeviceBench bench;
  EXPECT_OK(bench.Write('1', 0, 8, Durability::kDurable));
  EXPECT_OK(bench.Write('2', 0, 8, Durability::kDurable));
  bench.disk->AddFault(FaultOf(Operation::kRead, FaultEffect::kStale));
  EXPECT_EQ(bench.Read(0, 1), std::string("1"));
  EXPECT_EQ(bench.Read(0, 1), std::string("2"));
}

TEST(DeviceFaults, WhenThePowerEnds_TheWriteMayLandAndNothingAfterItHappens) {
  DeviceBench bench;
  bench.disk->EndPowerAfter(2);
  EXPECT_OK(bench.Write('a', 0));
  EXPECT_TRUE(!bench.Write('b', 8, 8, Durability::kDurable).ok());
  EXPECT_TRUE(bench.disk->is_off());
  EXPECT_TRUE(!bench.Write('c', 16).ok());
  EXPECT_TRUE(!bench.file->Sync().ok());
  EXPECT_EQ(Joined(OutcomesOf(*bench.disk, 7, 10)),
            std::string(".......... .bbbbbbbb. a......... abbbbbbbb."));
}

TEST(DeviceFaults, AHookThatRefuses_DecidesWhatTheCallerSees) {
  DeviceBench bench;
  bench.disk->before = [](Operation operation, const std::string&) {
    return operation == Operation::kWrite ? Status::Error(Code::kIo, "hook") : Status::Ok();
  };
  EXPECT_EQ(bench.Write('h', 0).detail(), std::string("hook"));
  EXPECT_EQ(bench.Read(), std::string("........"));
  bench.disk->failed_writes_land = true;
  EXPECT_TRUE(!bench.Write('h', 0).ok());
  EXPECT_EQ(bench.Read(), std::string("hhhhhhhh"));
}

}  // namespace

}  // namespace seawall::test

#include "fault_table.h"

namespace seawall::crash {

namespace {

using simulation::Fault;
using simulation::FaultEffect;
using simulation::Operation;
using simulation::SimulatedDisk;
using simulation::Survival;

constexpr uint32_t kNever = UINT32_MAX;
// Never marked idle, marked in the middle, marked at the end.
constexpr uint32_t kMarks[] = {kNever, 3, 7};
constexpr size_t kViolationsMax = 8;

class Tally {
 public:
  Tally(const Setup& setup, FaultTable* table) : setup_(setup), table_(table) {}

  const Setup& setup() const { return setup_; }
  void Begin(const char* fault) { table_->rows.push_back({fault}); }
  void Add(FaultOutcome outcome) {
    FaultRow& row = table_->rows.back();
    row.survived += outcome == FaultOutcome::kSurvived;
    row.detected += outcome == FaultOutcome::kDetected;
    row.missed += outcome == FaultOutcome::kMissed;
  }
  void Judge(const FaultTrial& trial, const std::shared_ptr<SimulatedDisk>& image,
             bool master_is_good, const std::string& where) {
    Verdict violation;
    Add(trial.Judge(image, master_is_good, &violation));
    if (!violation || table_->violations.size() >= kViolationsMax) return;
    violation->message = table_->rows.back().fault + " " + where + ": " + violation->message;
    table_->violations.push_back(*violation);
  }

 private:
  const Setup& setup_;
  FaultTable* const table_;
};

// Damages a copy of the durable disk at many places.
template <typename Damage>
void DamageLog(Tally* tally, const char* fault, uint32_t step_bytes, const Damage& damage) {
  tally->Begin(fault);
  for (const uint32_t mark : kMarks) {
    const FaultTrial trial(tally->setup(), mark);
    const Lsn end = trial.model().issued().back().end;
    const auto pristine = trial.disk()->PowerCut(Survival::kEverything, 1);
    for (Lsn at = 0; at < end; at += step_bytes) {
      const auto image = pristine->KillProcess();
      damage(image.get(), PathOf(at), OffsetOf(at));
      tally->Judge(trial, image, true, "at LSN " + std::to_string(at));
    }
  }
}

template <typename Damage>
void DamageFile(Tally* tally, const char* fault, const std::string& path, uint64_t from,
                uint64_t to, uint32_t step_bytes, const Damage& damage) {
  tally->Begin(fault);
  for (const uint32_t mark : kMarks) {
    const FaultTrial trial(tally->setup(), mark);
    const auto pristine = trial.disk()->PowerCut(Survival::kEverything, 1);
    for (uint64_t at = from; at < to; at += step_bytes) {
      const auto image = pristine->KillProcess();
      damage(image.get(), path, at);
      tally->Judge(trial, image, false, "at byte " + std::to_string(at));
    }
  }
}

void FlipBits(Tally* tally, uint32_t step_bytes) {
  const auto flip = [](SimulatedDisk* disk, const std::string& path, uint64_t at) {
    disk->FlipBit(path, at, static_cast<int>(at / 8 % 8));
  };
  const auto lose = [](SimulatedDisk* disk, const std::string& path, uint64_t at) {
    disk->MakeUnreadable(path, at);
  };
  const std::string master = std::string(kDirectory) + "/master";
  DamageLog(tally, "F13 bit flipped in the log", step_bytes, flip);
  DamageLog(tally, "F13 sector of the log unreadable", 512, lose);
  DamageFile(tally, "F13 bit flipped in a segment's header", PathOf(0), 0, 128, 1, flip);
  DamageFile(tally, "F13 segment's header unreadable", PathOf(0), 0, 512, 512, lose);
  DamageFile(tally, "F13 bit flipped in a slot of the master record", master, 0, 160, 1, flip);
  DamageFile(tally, "F13 slot of the master record unreadable", master, 0, 69632, 65536, lose);
}

// Faults that hit while the log is written, the n-th operation for every n.
void FaultWhileWriting(Tally* tally, const char* name, Fault fault, bool every_outcome) {
  tally->Begin(name);
  const bool master_is_good = fault.path_part.find("wal") != std::string::npos;
  for (const uint32_t mark : kMarks) {
    for (fault.skip = 0; fault.skip < 64; fault.skip++) {
      const FaultTrial trial(tally->setup(), mark, {fault});
      if (trial.fault_hits() == 0) break;
      if (!trial.is_written()) {
        tally->Add(FaultOutcome::kDetected);
        continue;
      }
      const std::string where = "number " + std::to_string(fault.skip + 1);
      for (uint64_t seed = 0; seed < (every_outcome ? 8u : 1u); seed++) {
        const Survival survival = seed == 0   ? Survival::kEverything
                                  : seed == 1 ? Survival::kNothing
                                              : Survival::kRandom;
        tally->Judge(trial, trial.disk()->PowerCut(survival, seed), master_is_good, where);
      }
    }
  }
}

Fault FaultOf(Operation operation, const char* path, FaultEffect effect, uint64_t amount = 0,
              uint64_t times = 1) {
  Fault fault;
  fault.operation = operation;
  fault.path_part = path;
  fault.effect = effect;
  fault.amount = amount;
  fault.times = times;
  return fault;
}

void StaleReads(Tally* tally) {
  tally->Begin("F14 stale read during recovery");
  for (const uint32_t mark : kMarks) {
    const FaultTrial trial(tally->setup(), mark);
    for (uint64_t skip = 0; skip < 64; skip++) {
      const auto image = trial.disk()->KillProcess();
      Fault fault = FaultOf(Operation::kRead, ".wal", FaultEffect::kStale);
      fault.skip = skip;
      image->AddFault(fault);
      tally->Judge(trial, image, true, "number " + std::to_string(skip + 1));
      if (image->fault_hits() == 0) break;
    }
  }
}

}  // namespace

FaultTable TryFaults(const Setup& setup, uint32_t step_bytes) {
  FaultTable table;
  Tally tally(setup, &table);
  const auto lose = FaultEffect::kLose;
  const auto misdirect = FaultEffect::kMisdirect;
  const uint64_t back = static_cast<uint64_t>(-1);
  FlipBits(&tally, step_bytes);
  FaultWhileWriting(&tally, "F14 write of the log lost", FaultOf(Operation::kWrite, ".wal", lose),
                    false);
  FaultWhileWriting(&tally, "F14 write of the log one block too far",
                    FaultOf(Operation::kWrite, ".wal", misdirect, 1), false);
  FaultWhileWriting(&tally, "F14 write of the log one block too early",
                    FaultOf(Operation::kWrite, ".wal", misdirect, back), false);
  FaultWhileWriting(&tally, "F14 write of the master record lost",
                    FaultOf(Operation::kWrite, "master", lose), false);
  StaleReads(&tally);
  FaultWhileWriting(&tally, "F15 one sync lies", FaultOf(Operation::kSync, "", lose), true);
  FaultWhileWriting(&tally, "F15 every sync lies from some moment on",
                    FaultOf(Operation::kSync, "", lose, 0, Fault::kAlways), true);
  FaultWhileWriting(&tally, "F15 a sync comes five operations late",
                    FaultOf(Operation::kSync, "", FaultEffect::kSyncLate, 5), true);
  FaultWhileWriting(&tally, "F15 a sync covers one block only",
                    FaultOf(Operation::kSync, "", FaultEffect::kSyncInPart, 1), true);
  FaultWhileWriting(&tally, "F15 one sync of a directory lies",
                    FaultOf(Operation::kSyncDirectory, "", lose), true);
  return table;
}

}  // namespace seawall::crash

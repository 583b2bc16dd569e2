// Campaign: which workloads are explored, in which order, within a budget.
//
// In passes, cheap ones first: every workload of so many steps, with so many crashes in a row, on
// every device. When the time is not enough for a pass, a part of it that the seed decides is
// taken. The rest of the budget goes to longer workloads and to random chains of crashes.
#pragma once

#include <string>
#include <vector>

#include "explorer.h"
#include "single_run.h"

namespace seawall::crash {

struct CampaignOptions {
  double cpu_seconds = 10;
  uint64_t seed = 1;
  Limits limits;
  uint32_t steps_max = 5;  // of the exhaustive part
  bool full = false;       // the exhaustive part to its end, whatever it takes
  bool lying_sync = false;
  int only_setup = -1;
};

class Campaign {
 public:
  explicit Campaign(const CampaignOptions& options);
  // Prints what it finds and, at the end, how much of the space was covered. The number of
  // violations.
  uint64_t Run();

 private:
  struct Part {
    Setup setup;
    VisitedSet visited;
    ExplorerCounts counts;
  };

  struct Pass {
    uint32_t steps;
    uint32_t crashes;
  };
  std::vector<Pass> Passes() const;
  void RunExhaustive();
  // False when the time is over.
  bool RunPass(const Pass& pass);
  void RunLonger();
  void RunRandom();
  void RunFaults();
  void Explore(Part* part, const Workload& workload, uint32_t crashed_steps, uint32_t crashes);
  void Report(const Part& part, const FoundViolation& found, uint32_t fault_step_bytes = 0);
  void PrintCounts(const char* type);
  bool MayGoOn();
  bool IsOver() const;

  const CampaignOptions options_;
  std::vector<Part> parts_;
  double deadline_ = 0;
  double next_print_ = 0;
  uint64_t violations_ = 0;
  uint64_t workloads_ = 0;
  uint64_t redundant_ = 0;
  uint64_t longer_ = 0;
  uint64_t chains_ = 0;
  uint64_t chain_states_ = 0;
  // Every workload of up to so many steps was explored, by the crashes in a row; -1: none.
  int whole_steps_[kCrashesMax + 1] = {-1, -1, -1, -1};
  Pass next_pass_ = {0, 1};
  double next_pass_covered_ = 0;
};

// CPU time of this process so far.
double CpuSeconds();

}  // namespace seawall::crash

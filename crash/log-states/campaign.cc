#include "campaign.h"

#include <time.h>

#include <algorithm>
#include <random>

#include "fault_table.h"
#include "json_lines.h"
#include "last_words.h"

namespace seawall::crash {

namespace {

constexpr size_t kVisitedSlots = size_t{1} << 23;
constexpr uint64_t kViolationsMax = 8;
// A prime, so that places of all kinds are hit.
constexpr uint32_t kFaultStepBytes = 61;
// What the parts behind the exhaustive one get, at least.
constexpr double kExhaustiveShare = 0.7;
constexpr double kLongerShare = 0.85;

}  // namespace

double CpuSeconds() {
  timespec now;
  SEAWALL_ASSERT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

Campaign::Campaign(const CampaignOptions& options) : options_(options) {
  for (size_t i = 0; i < Setups().size(); i++) {
    if (options.only_setup >= 0 && static_cast<size_t>(options.only_setup) != i) continue;
    parts_.push_back({Setups()[i], VisitedSet(kVisitedSlots), {}});
    parts_.back().setup.lying_sync = options.lying_sync;
  }
}

bool Campaign::IsOver() const { return violations_ >= kViolationsMax || CpuSeconds() >= deadline_; }

bool Campaign::MayGoOn() {
  const double now = CpuSeconds();
  if (now >= next_print_) {
    next_print_ = now + 0.5;
    PrintCounts("progress");
  }
  return now < deadline_;
}

uint64_t Campaign::Run() {
  const double started = CpuSeconds();
  if (!options_.lying_sync) RunFaults();
  deadline_ = options_.full ? 1e18 : started + kExhaustiveShare * options_.cpu_seconds;
  RunExhaustive();
  deadline_ = started + kLongerShare * options_.cpu_seconds;
  if (!options_.full) RunLonger();
  deadline_ = started + options_.cpu_seconds;
  if (!options_.full) RunRandom();
  PrintCounts("result");
  return violations_;
}

// By what they cost: one more crash in a row is about as much as two more steps.
std::vector<Campaign::Pass> Campaign::Passes() const {
  std::vector<Pass> passes;
  for (uint32_t steps = 0; steps <= options_.steps_max; steps++)
    for (uint32_t crashes = 1; crashes <= options_.limits.crashes; crashes++)
      passes.push_back({steps, crashes});
  std::stable_sort(passes.begin(), passes.end(), [](const Pass& a, const Pass& b) {
    return a.steps + 2 * a.crashes < b.steps + 2 * b.crashes;
  });
  return passes;
}

void Campaign::RunExhaustive() {
  for (const Pass& pass : Passes()) {
    next_pass_ = pass;
    if (!RunPass(pass)) return;
    next_pass_covered_ = 0;
    whole_steps_[pass.crashes] = static_cast<int>(pass.steps);
  }
}

bool Campaign::RunPass(const Pass& pass) {
  const uint64_t count = WorkloadCount(pass.steps);
  // A stride that has no factor with the count reaches every workload once.
  uint64_t stride = count * 4 / 7 + 1;
  while (stride % 3 == 0) stride += 1;
  uint64_t index = simulation::Mix(options_.seed, pass.steps) % count;
  for (uint64_t i = 0; i < count; i++) {
    next_pass_covered_ = static_cast<double>(i) / static_cast<double>(count);
    for (Part& part : parts_) {
      if (IsOver()) return false;
      Explore(&part, WorkloadAt(pass.steps, index), 1, pass.crashes);
    }
    index = (index + stride) % count;
  }
  return true;
}

void Campaign::RunLonger() {
  std::mt19937_64 random(options_.seed);
  while (!IsOver()) {
    const uint32_t steps = 5 + static_cast<uint32_t>(random() % (kStepsMax - 4));
    Workload workload;
    for (uint32_t i = 0; i < steps; i++)
      workload.push_back(static_cast<Step>(random() % kStepKinds));
    Part& part = parts_[random() % parts_.size()];
    Explore(&part, workload, static_cast<uint32_t>(workload.size()),
            1 + static_cast<uint32_t>(random() % 2));
    longer_ += 1;
  }
}

void Campaign::RunRandom() {
  const RunLimits limits = {kStepsMax, 8};
  for (uint64_t chain = 0; !IsOver(); chain++) {
    Part& part = parts_[chain % parts_.size()];
    auto choices = std::make_shared<simulation::RandomChoices>(options_.seed + chain);
    const Trail nothing;
    SetCurrentRun(part.setup, nothing, &choices->trace());
    const Verdict broken = RunOnce(part.setup, limits, choices, &chain_states_);
    chains_ += 1;
    MayGoOn();
    if (!broken) continue;
    Trail trail;
    for (const simulation::Choice& choice : choices->trace()) trail.push_back(choice.chosen);
    Report(part, {*broken, trail});
  }
}

void Campaign::RunFaults() {
  for (const Part& part : parts_) {
    const uint32_t step_bytes = options_.full ? 1 : kFaultStepBytes;
    const FaultTable table = TryFaults(part.setup, step_bytes);
    for (const FaultRow& row : table.rows) {
      JsonLine("fault")
          .Text("fault", row.fault)
          .Number("survived", static_cast<double>(row.survived))
          .Number("detected", static_cast<double>(row.detected))
          .Number("missed", static_cast<double>(row.missed))
          .Print();
    }
    for (const Violation& violation : table.violations) Report(part, {violation, {}}, step_bytes);
  }
}

void Campaign::Explore(Part* part, const Workload& workload, uint32_t crashed_steps,
                       uint32_t crashes) {
  Limits limits = options_.limits;
  limits.crashes = crashes;
  limits.seed = options_.seed;
  Explorer explorer(part->setup, limits, &part->visited);
  explorer.may_go_on = [this] { return MayGoOn(); };
  if (!explorer.Explore(workload, crashed_steps)) redundant_ += 1;
  workloads_ += 1;
  const ExplorerCounts& counts = explorer.counts();
  part->counts.states += counts.states;
  part->counts.covered += counts.covered;
  part->counts.crash_points += counts.crash_points;
  part->counts.pruned += counts.pruned;
  part->counts.sampled_points += counts.sampled_points;
  part->counts.process_kills += counts.process_kills;
  part->counts.deepest = std::max(part->counts.deepest, counts.deepest);
  for (const FoundViolation& found : explorer.violations()) Report(*part, found);
}

void Campaign::Report(const Part& part, const FoundViolation& found, uint32_t fault_step_bytes) {
  violations_ += 1;
  JsonLine("violation")
      .Text("oracle", found.violation.oracle)
      .Text("message", found.violation.message)
      .Text("device", part.setup.name)
      .Number("setup", SetupNumber(part.setup))
      .Number("lying", part.setup.lying_sync)
      .Number("faults", fault_step_bytes)
      .List("choices", found.trail)
      .Print();
}

void Campaign::PrintCounts(const char* type) {
  ExplorerCounts all;
  uint64_t forgotten = 0;
  for (const Part& part : parts_) {
    all.states += part.counts.states;
    all.covered += part.counts.covered;
    all.crash_points += part.counts.crash_points;
    all.pruned += part.counts.pruned;
    all.sampled_points += part.counts.sampled_points;
    all.process_kills += part.counts.process_kills;
    all.deepest = std::max(all.deepest, part.counts.deepest);
    forgotten += part.visited.forgotten();
  }
  JsonLine(type)
      .Number("states", static_cast<double>(all.states + chain_states_))
      .Number("covered", all.covered + static_cast<double>(chain_states_))
      .Number("crashPoints", static_cast<double>(all.crash_points))
      .Number("pruned", static_cast<double>(all.pruned))
      .Number("sampledPoints", static_cast<double>(all.sampled_points))
      .Number("processKills", static_cast<double>(all.process_kills))
      .Number("crashesInARow", static_cast<double>(all.deepest))
      .Number("workloads", static_cast<double>(workloads_))
      .Number("redundantWorkloads", static_cast<double>(redundant_))
      .Number("longerWorkloads", static_cast<double>(longer_))
      .Number("randomChains", static_cast<double>(chains_))
      .Number("stepsWith1", whole_steps_[1])
      .Number("stepsWith2", whole_steps_[2])
      .Number("stepsWith3", whole_steps_[3])
      .Number("nextPassSteps", next_pass_.steps)
      .Number("nextPassCrashes", next_pass_.crashes)
      .Number("nextPassCovered", next_pass_covered_)
      .Number("forgotten", static_cast<double>(forgotten))
      .Number("violations", static_cast<double>(violations_))
      .Number("cpuSeconds", CpuSeconds())
      .Print();
}

}  // namespace seawall::crash

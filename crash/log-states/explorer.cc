#include "explorer.h"

#include "last_words.h"

namespace seawall::crash {

namespace {

using simulation::Choice;
using simulation::Choices;
using simulation::DiskImage;
using simulation::Odometer;
using simulation::RandomChoices;
using simulation::SimulatedDisk;

constexpr size_t kViolationsMax = 8;

Trail Extended(const Trail& trail, const std::vector<Choice>& trace) {
  Trail longer = trail;
  for (const Choice& choice : trace) longer.push_back(choice.chosen);
  return longer;
}

}  // namespace

std::shared_ptr<SimulatedDisk> NewDisk(const Setup& setup) {
  auto disk = std::make_shared<SimulatedDisk>(setup.device);
  disk->CreateDirectory(kDirectory);
  return disk;
}

Explorer::Explorer(const Setup& setup, const Limits& limits, VisitedSet* visited)
    : setup_(setup), limits_(limits), visited_(visited) {}

bool Explorer::IsStopped() {
  if (!stopped_ && (violations_.size() >= kViolationsMax || (may_go_on && !may_go_on())))
    stopped_ = true;
  return stopped_;
}

void Explorer::Add(DiskImage image, const LogSession& session, bool killed, uint32_t depth,
                   std::vector<CrashPoint>* points) {
  counts_.crash_points += 1;
  const uint64_t state = simulation::Mix(image.Hash(), session.model().Hash());
  // Known when it was explored with as many crashes to come, or more.
  const uint32_t left = limits_.crashes - depth;
  bool is_new = visited_->Insert(simulation::Mix(state, left * 2 + killed));
  for (uint32_t more = left + 1; is_new && more < kCrashesMax; more++)
    is_new = !visited_->Contains(simulation::Mix(state, more * 2 + killed));
  if (!is_new) {
    counts_.pruned += 1;
    return;
  }
  points->push_back({std::move(image), session.model(), killed, session.events()});
}

// Here the machine may stop, or the process.
void Explorer::Collect(const LogSession& session, uint32_t depth, std::vector<CrashPoint>* points) {
  DiskImage image = session.disk().Snapshot();
  DiskImage killed = image;
  image.CutPower(setup_.device);
  Add(std::move(image), session, false, depth, points);
  // Alone it shows nothing: everything that was written is still there.
  if (depth == limits_.crashes) return;
  killed.KillProcess(setup_.device);
  Add(std::move(killed), session, true, depth, points);
}

bool Explorer::Explore(const Workload& workload, uint32_t crashed_steps) {
  std::vector<CrashPoint> points;
  Trail trail;
  for (const Step step : workload) trail.push_back(static_cast<uint32_t>(step) + 1);
  trail.push_back(0);
  Verdict broken;
  bool changed = true;
  SetCurrentRun(setup_, trail, nullptr);
  {
    LogSession session(NewDisk(setup_), setup_, LogModel());
    const size_t first = workload.size() + 1 - std::min<size_t>(crashed_steps, workload.size() + 1);
    const auto collect = [&] { Collect(session, 1, &points); };
    if (first == 0) session.at_event = collect;
    broken = session.Open();
    for (size_t i = 0; i < workload.size() && changed && !broken; i++) {
      if (i + 1 >= first) session.at_event = collect;
      broken = session.Run(workload[i], &changed);
    }
    if (!broken) broken = session.End();
  }
  if (broken) violations_.push_back({*broken, trail});
  if (changed && !broken) ExploreAll(&points, trail, 1);
  return changed;
}

void Explorer::ExploreAll(std::vector<CrashPoint>* points, const Trail& trail, uint32_t depth) {
  for (const CrashPoint& point : *points) {
    if (IsStopped()) return;
    Trail longer = trail;
    longer.push_back(point.event);
    longer.push_back(point.killed ? 1 : 0);
    ExploreStarts(point, longer, depth);
  }
}

void Explorer::ExploreStarts(const CrashPoint& point, const Trail& trail, uint32_t depth) {
  const double outcomes = point.image.OutcomeCount(setup_.device);
  auto odometer = std::make_shared<Odometer>();
  uint32_t starts = 0;
  do {
    Start(point, trail, depth, odometer, odometer->trace());
    starts += 1;
    if (IsStopped()) return;
  } while (starts < limits_.starts_max && odometer->Next());
  if (starts < limits_.starts_max || !odometer->Next()) {
    counts_.covered += outcomes;
    return;
  }
  counts_.sampled_points += 1;
  for (uint32_t i = 0; i < limits_.sampled_starts && !IsStopped(); i++) {
    auto random = std::make_shared<RandomChoices>(limits_.seed + simulation::Mix(starts, i));
    Start(point, trail, depth, random, random->trace());
  }
  counts_.covered += starts + limits_.sampled_starts;
}

void Explorer::Start(const CrashPoint& point, const Trail& trail, uint32_t depth,
                     const std::shared_ptr<Choices>& choices, const std::vector<Choice>& trace) {
  counts_.states += 1;
  counts_.process_kills += point.killed;
  counts_.deepest = std::max<uint64_t>(counts_.deepest, depth);
  std::vector<CrashPoint> points;
  Verdict broken;
  SetCurrentRun(setup_, trail, &trace);
  {
    auto disk = point.killed ? std::make_shared<SimulatedDisk>(point.image, setup_.device, choices)
                             : SimulatedDisk::Restarted(point.image, setup_.device, choices);
    LogSession session(std::move(disk), setup_, point.model);
    const bool is_last = depth == limits_.crashes;
    if (!is_last) session.at_event = [&] { Collect(session, depth + 1, &points); };
    broken = session.Open();
    if (!broken && !is_last) broken = session.Probe();
    if (!broken) broken = session.End();
  }
  if (broken) {
    violations_.push_back({*broken, Extended(trail, trace)});
    return;
  }
  if (points.empty()) return;
  Trail longer = Extended(trail, trace);
  longer.push_back(0);
  ExploreAll(&points, longer, depth + 1);
}

}  // namespace seawall::crash

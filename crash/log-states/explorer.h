// Explorer: every crash state of a workload within its bounds.
//
// Runs the workload, takes the disk as it is after each event, and starts the log on what a power
// cut (or the end of the process) may leave of it, in every way (simulation/device/choices.h). Each
// of these starts is crashed again at each of its events, and so on. A state that was explored
// before, by what is on the disk and what the model knows, is not explored again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "log_session.h"
#include "visited_set.h"

namespace seawall::crash {

// What brings a run back: steps + 1 each, 0; then for every crash the event + 1 (0: none), whether
// only the process ended, what the disk decided, and after a recovery further steps, 0.
using Trail = std::vector<uint32_t>;

// In a row, of one exhaustive pass.
inline constexpr uint32_t kCrashesMax = 3;

struct Limits {
  uint32_t crashes = kCrashesMax;  // one after the other
  // Starts from one crash point that are tried one by one; beyond, `sampled_starts` random ones.
  uint32_t starts_max = 1024;
  uint32_t sampled_starts = 64;
  uint64_t seed = 1;
};

struct ExplorerCounts {
  uint64_t states = 0;          // crash states that were recovered and compared
  double covered = 0;           // states that an eager enumeration would have tried for them
  uint64_t crash_points = 0;    // disks that were taken
  uint64_t pruned = 0;          // of them known already
  uint64_t sampled_points = 0;  // of them not exhausted
  uint64_t process_kills = 0;   // of the states, those after the end of the process
  uint64_t deepest = 0;
};

struct FoundViolation {
  Violation violation;
  Trail trail;
};

class Explorer {
 public:
  Explorer(const Setup& setup, const Limits& limits, VisitedSet* visited);

  // False when some step changed nothing: then a shorter workload says the same. Crashes come in
  // the last `crashed_steps` steps; the first open counts as a step.
  bool Explore(const Workload& workload, uint32_t crashed_steps);

  const ExplorerCounts& counts() const { return counts_; }
  const std::vector<FoundViolation>& violations() const { return violations_; }
  // Called between starts; false: stop.
  std::function<bool()> may_go_on;

 private:
  struct CrashPoint {
    simulation::DiskImage image;
    LogModel model;
    bool killed;
    uint32_t event;
  };
  struct Collector;

  void Collect(const LogSession& session, uint32_t depth, std::vector<CrashPoint>* points);
  void Add(simulation::DiskImage image, const LogSession& session, bool killed, uint32_t depth,
           std::vector<CrashPoint>* points);
  void ExploreAll(std::vector<CrashPoint>* points, const Trail& trail, uint32_t depth);
  void ExploreStarts(const CrashPoint& point, const Trail& trail, uint32_t depth);
  void Start(const CrashPoint& point, const Trail& trail, uint32_t depth,
             const std::shared_ptr<simulation::Choices>& choices,
             const std::vector<simulation::Choice>& trace);
  bool IsStopped();

  const Setup setup_;
  const Limits limits_;
  VisitedSet* const visited_;
  ExplorerCounts counts_;
  std::vector<FoundViolation> violations_;
  bool stopped_ = false;
};

// A disk with the directory that the log is made in.
std::shared_ptr<simulation::SimulatedDisk> NewDisk(const Setup& setup);

}  // namespace seawall::crash

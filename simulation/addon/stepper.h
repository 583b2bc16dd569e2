// Stepper: everything that an addon does on threads of its own, as steps that somebody calls for,
// one after the other, on the JavaScript thread. With the same calls the same things happen.
//
// Who can make a step: a log's writer and its background work, its page reader, each line of jobs,
// and the line of events that wait for JavaScript. A step that blocks lets others make theirs until
// it can go on (WakeSignal::Wait), as it would with threads.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <vector>

#include <napi.h>

namespace seawall::napi {

class LogHandle;

class Stepper {
 public:
  using Job = std::function<void()>;
  using Event = std::function<void(Napi::Env)>;

  static Stepper& Get();

  // For JobThread and EventChannel; `line` tells one from another.
  void AddJob(const void* line, Job job);
  void DropJobs(const void* line);
  // Makes steps until every job of the line is done.
  void FinishJobs(const void* line);
  void AddEvent(const void* line, Event event);

  // How many can make a step now.
  size_t Count(Napi::Env env);
  // Lets the `index`-th of them make one. Events call JavaScript.
  void Step(Napi::Env env, size_t index);
  // A step in the middle of another one; false when nobody can make one.
  bool StepWithin();
  // Background work looks whether something is wanted of it, or due.
  void LookAgain() { background_done_.clear(); }
  // As the end of the process: logs vanish where they are, and nothing more happens to them.
  void Abandon(Napi::Env env);

 private:
  enum class Kind : uint8_t { kWriter, kBackground, kPageReader, kJob, kEvent };
  struct Actor {
    Kind kind;
    LogHandle* handle;  // of the first three
    size_t line;        // of a job
  };
  struct JobLine {
    const void* id;
    std::deque<Job> jobs;
    bool is_running = false;
  };

  std::vector<Actor> Actors(bool with_events);
  void Run(const Actor& actor);
  void RunJob(const void* line);
  JobLine* LineOf(const void* id);

  Napi::Env env_{nullptr};
  size_t first_open_ = 0;       // handles below are closed
  std::vector<JobLine> lines_;  // in the order of their first job
  std::deque<std::pair<const void*, Event>> events_;
  // Logs whose background work has looked at everything since something last happened.
  std::set<const LogHandle*> background_done_;
};

}  // namespace seawall::napi

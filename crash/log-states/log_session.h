// LogSession: one run of the production log on a simulated disk, on one thread, step by step,
// beside its model.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "device/simulated_storage.h"
#include "log/log.h"
#include "log/record_appender.h"
#include "log_model.h"
#include "setup.h"
#include "workload.h"

namespace seawall::crash {

class LogSession {
 public:
  LogSession(std::shared_ptr<simulation::SimulatedDisk> disk, const Setup& setup, LogModel model);
  ~LogSession();

  // Called after every event of the device, and when a step is over: here a crash may come.
  std::function<void()> at_event;

  // For devices that lie: only what a recovery shows is judged.
  bool does_not_check_stability = false;

  // Opens (and creates) the log and compares what it shows.
  Verdict Open();
  // False in `changed` when the step changed nothing.
  Verdict Run(Step step, bool* changed);
  // After a recovery: one record that ends where a record that was cut began, durable. If anything
  // of what was cut is believed again, it is now.
  Verdict Probe();
  // Ends without closing; checks that nothing of the log is left behind (I18).
  Verdict End();

  const LogModel& model() const { return model_; }
  const simulation::SimulatedDisk& disk() const { return *disk_; }
  Log* log() { return log_.get(); }
  // How the last Open or step failed; ok when it did not.
  const Status& status() const { return status_; }
  uint32_t events() const { return events_; }

 private:
  void OnEvent();
  Verdict Failed(const char* what);
  Verdict Append(uint32_t bytes, uint32_t piece_bytes);
  Verdict AppendToBlockEnd();
  Status MakeRoom(Lsn end);
  Verdict Flush();
  Verdict Truncate();
  Verdict Background();
  Verdict Checkpoint();
  Verdict Reopen();
  // I7: every byte below the flushed LSN is on the medium, whatever the power does.
  void CheckStable();

  const std::shared_ptr<simulation::SimulatedDisk> disk_;
  const Setup& setup_;
  LogModel model_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<RecordAppender> appender_;
  Status status_;
  Verdict broken_at_event_;
  Lsn flushed_seen_ = 0;
  uint32_t events_ = 0;
  std::string body_;
};

}  // namespace seawall::crash

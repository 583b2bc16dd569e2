// JobThread: blocking calls of one log (open, read, truncate, close), one after the other, off the
// JavaScript thread and off libuv's pool, whose four threads the host's files and DNS need.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "io/wake_signal.h"

namespace seawall::napi {

class JobThread {
 public:
  using Job = std::function<void()>;

  // Drops what has not begun, waits for the job that runs.
  ~JobThread() { Stop(); }

  // The thread starts with the first job. Jobs added after Stop are dropped.
  void Add(Job job);
  void Stop();
  // Blocks until every job that was added is done. Any other thread.
  void WaitIdle();

 private:
  void Loop();
  bool TakeNext(Job* job);

  std::mutex mutex_;
  std::deque<Job> jobs_;   // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  bool running_ = false;   // guarded by mutex_: a job was taken and is not done
  WakeSignal added_;
  WakeSignal done_;
  std::thread thread_;
};

}  // namespace seawall::napi

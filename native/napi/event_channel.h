// EventChannel: how threads of one log reach its JavaScript thread.
//
// What one of them posts while JavaScript runs is delivered in the next turn of the event loop, so
// that timers and sockets have their turn between two deliveries however fast events come. (Node's
// ThreadSafeFunction delivers up to a thousand in a row, and each may keep JavaScript busy.)
//
// Tearing a channel down while other threads may post to it is the hard part. Here every post goes
// through a gate: a mutex and a flag. Close shuts the gate first, so after it no thread can touch
// the event loop again.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include <napi.h>

#include "napi/loop_handle.h"

namespace seawall::napi {

class EventChannel {
 public:
  // Runs on the JavaScript thread.
  using Task = std::function<void(Napi::Env)>;

  explicit EventChannel(Napi::Env env);
  ~EventChannel();
  EventChannel(const EventChannel&) = delete;
  EventChannel& operator=(const EventChannel&) = delete;

  // Any thread. False when the channel is closed: the task was dropped.
  bool Post(Task task);

  // JavaScript thread only. The event loop stays alive while the count of holds is not zero.
  void Hold();
  void Unhold();
  // What is queued is dropped.
  void Close();

 private:
  using Wake = LoopHandle<uv_async_t>;
  void Deliver(Napi::Env env);

  Wake* wake_;  // owned by the event loop; null in an addon for tests
  std::mutex gate_;
  bool open_ = true;         // guarded by gate_
  std::vector<Task> tasks_;  // guarded by gate_; in the order in which they were posted
  uint32_t holds_ = 0;
};

}  // namespace seawall::napi

// EventChannel: how threads of one log reach its JavaScript thread, and the only user of its
// ThreadSafeFunction.
//
// Tearing a ThreadSafeFunction down while other threads may call it is the hard part of Node-API.
// Here every call goes through a gate: a mutex and a flag. Close shuts the gate first, so after it
// no thread can touch the function again.
#pragma once

#include <functional>
#include <mutex>

#include <napi.h>

namespace seawall::napi {

class EventChannel {
 public:
  // Runs on the JavaScript thread.
  using Task = std::function<void(Napi::Env)>;

  EventChannel(Napi::Env env, const char* name);
  ~EventChannel();
  EventChannel(const EventChannel&) = delete;
  EventChannel& operator=(const EventChannel&) = delete;

  // Any thread. False when the channel is closed: the task was dropped.
  bool Post(Task task);

  // JavaScript thread only. The event loop stays alive while the count of holds is not zero.
  void Hold();
  void Unhold();
  void Close();

 private:
  static void RunTask(napi_env env, napi_value callback, void* context, void* data);

  const Napi::Env env_;
  std::mutex gate_;
  bool open_ = true;  // guarded by gate_
  napi_threadsafe_function function_ = nullptr;
  uint32_t holds_ = 0;
};

}  // namespace seawall::napi

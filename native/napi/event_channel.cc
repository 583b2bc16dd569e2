#include "napi/event_channel.h"

#include "base/assert.h"

namespace seawall::napi {

EventChannel::EventChannel(Napi::Env env, const char* name) : env_(env) {
  const Napi::String resource_name = Napi::String::New(env, name);
  const napi_status created = napi_create_threadsafe_function(
      env, nullptr, nullptr, resource_name, 0, 1, nullptr, nullptr, nullptr, RunTask, &function_);
  SEAWALL_ASSERT(created == napi_ok);
  // An idle log does not keep the process alive.
  SEAWALL_ASSERT(napi_unref_threadsafe_function(env, function_) == napi_ok);
}

EventChannel::~EventChannel() { Close(); }

bool EventChannel::Post(Task task) {
  auto* posted = new Task(std::move(task));
  std::lock_guard<std::mutex> lock(gate_);
  if (open_ && napi_call_threadsafe_function(function_, posted, napi_tsfn_nonblocking) == napi_ok)
    return true;
  delete posted;
  return false;
}

void EventChannel::Hold() {
  holds_ += 1;
  if (holds_ == 1) napi_ref_threadsafe_function(env_, function_);
}

void EventChannel::Unhold() {
  SEAWALL_ASSERT(holds_ > 0);
  holds_ -= 1;
  if (holds_ == 0) napi_unref_threadsafe_function(env_, function_);
}

void EventChannel::Close() {
  {
    std::lock_guard<std::mutex> lock(gate_);
    if (!open_) return;
    open_ = false;
  }
  // Not aborted: what is queued still runs, or is dropped by RunTask when the environment is going
  // down.
  napi_release_threadsafe_function(function_, napi_tsfn_release);
}

void EventChannel::RunTask(napi_env env, napi_value, void*, void* data) {
  auto* task = static_cast<Task*>(data);
  if (env != nullptr) {
    Napi::HandleScope scope(env);
    (*task)(Napi::Env(env));
  }
  delete task;
}

}  // namespace seawall::napi

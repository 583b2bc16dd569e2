#include "napi/event_channel.h"

namespace seawall::napi {

EventChannel::EventChannel(Napi::Env env)
    : wake_(new Wake(env, CallbackScope::kOne, [this](Napi::Env loop_env) { Deliver(loop_env); })) {
  const auto when_posted = [](uv_async_t* handle) { static_cast<Wake*>(handle->data)->Run(); };
  SEAWALL_ASSERT(uv_async_init(wake_->loop(), wake_->uv(), when_posted) == 0);
  // An idle log does not keep the process alive.
  wake_->Unref();
}

EventChannel::~EventChannel() { Close(); }

bool EventChannel::Post(Task task) {
  std::lock_guard<std::mutex> lock(gate_);
  if (!open_) return false;
  tasks_.push_back(std::move(task));
  // Further ones before the delivery need no further wake-up.
  if (tasks_.size() == 1) SEAWALL_ASSERT(uv_async_send(wake_->uv()) == 0);
  return true;
}

void EventChannel::Deliver(Napi::Env env) {
  std::vector<Task> tasks;
  {
    std::lock_guard<std::mutex> lock(gate_);
    tasks.swap(tasks_);
  }
  // A task may be the end of this channel.
  for (Task& task : tasks) {
    Napi::HandleScope handles(env);
    task(env);
    ReportException(env);
  }
}

void EventChannel::Hold() {
  holds_ += 1;
  if (holds_ == 1) wake_->Ref();
}

void EventChannel::Unhold() {
  SEAWALL_ASSERT(holds_ > 0);
  holds_ -= 1;
  if (holds_ == 0) wake_->Unref();
}

void EventChannel::Close() {
  {
    std::lock_guard<std::mutex> lock(gate_);
    if (!open_) return;
    open_ = false;
    tasks_.clear();
  }
  wake_->Close();
}

}  // namespace seawall::napi

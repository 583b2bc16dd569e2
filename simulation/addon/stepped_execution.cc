// The production classes that wait and have threads, on the Stepper instead.
#include "stepped_execution.h"

#include "io/wake_signal.h"
#include "napi/event_channel.h"
#include "napi/execution.h"
#include "napi/job_thread.h"
#include "stepper.h"

namespace seawall {

void WakeSignal::Notify() { epoch_.fetch_add(1, std::memory_order_relaxed); }

void WakeSignal::Wait(uint32_t seen, int64_t) {
  // Whoever waits may have asked for background work.
  napi::Stepper::Get().LookAgain();
  // Nobody is left who could end the wait: the program would hang.
  int idle = 0;
  while (epoch_.load(std::memory_order_relaxed) == seen) {
    if (napi::Stepper::Get().StepWithin()) return;
    SEAWALL_ASSERT(++idle < 3 && "a wait that nobody can end");
  }
}

namespace napi {

void JobThread::Add(Job job) {
  if (!stopping_) Stepper::Get().AddJob(this, std::move(job));
}

void JobThread::Stop() {
  stopping_ = true;
  Stepper::Get().DropJobs(this);
}

void JobThread::WaitIdle() { Stepper::Get().FinishJobs(this); }

EventChannel::EventChannel(Napi::Env) : wake_(nullptr) {}

EventChannel::~EventChannel() { Close(); }

bool EventChannel::Post(Task task) {
  if (open_) Stepper::Get().AddEvent(this, std::move(task));
  return open_;
}

void EventChannel::Hold() { holds_ += 1; }

void EventChannel::Unhold() {
  SEAWALL_ASSERT(holds_ > 0);
  holds_ -= 1;
}

void EventChannel::Close() { open_ = false; }

bool RunsOnThreads() { return false; }

namespace {

uint64_t g_now_us = 0;
uint64_t g_random = 0;

// xorshift64*
uint64_t NextRandom() {
  g_random ^= g_random >> 12;
  g_random ^= g_random << 25;
  g_random ^= g_random >> 27;
  return g_random * 0x2545f4914f6cdd1d;
}

void FillRandom(void* bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    static_cast<uint8_t*>(bytes)[i] = static_cast<uint8_t>(NextRandom() >> 32);
}

}  // namespace

LogEnvironment ExecutionEnvironment() {
  LogEnvironment environment;
  environment.wall_clock_ms = [] { return g_now_us / 1000; };
  environment.monotonic_us = [] { return g_now_us; };
  environment.fill_random = FillRandom;
  return environment;
}

namespace {

// stepperStart(seed): everything from the beginning
Napi::Value Start(const Napi::CallbackInfo& info) {
  Stepper::Get().Abandon(info.Env());
  g_now_us = 0;
  g_random = 0x9e3779b97f4a7c15 ^ static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
  return info.Env().Undefined();
}

// stepperTime(milliseconds)
Napi::Value Time(const Napi::CallbackInfo& info) {
  g_now_us = static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue() * 1000);
  Stepper::Get().LookAgain();
  return info.Env().Undefined();
}

// stepperCount() -> how many can make a step
Napi::Value Count(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Stepper::Get().Count(info.Env())));
}

// stepperStep(index)
Napi::Value Step(const Napi::CallbackInfo& info) {
  Stepper::Get().Step(info.Env(), info[0].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

// stepperAbandon(): the process ends here, as far as open logs can tell
Napi::Value Abandon(const Napi::CallbackInfo& info) {
  Stepper::Get().Abandon(info.Env());
  return info.Env().Undefined();
}

}  // namespace

void DefineStepperFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("stepperStart", Napi::Function::New<Start>(env, "stepperStart"));
  exports.Set("stepperTime", Napi::Function::New<Time>(env, "stepperTime"));
  exports.Set("stepperCount", Napi::Function::New<Count>(env, "stepperCount"));
  exports.Set("stepperStep", Napi::Function::New<Step>(env, "stepperStep"));
  exports.Set("stepperAbandon", Napi::Function::New<Abandon>(env, "stepperAbandon"));
}

}  // namespace napi

}  // namespace seawall

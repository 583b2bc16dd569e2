#include "napi/log_binding.h"

#include "napi/environment.h"
#include "napi/error_object.h"
#include "napi/execution.h"
#include "napi/js_values.h"
#include "napi/storage_factory.h"

namespace seawall::napi {

namespace {

LogHandle* HandleArgument(const Napi::CallbackInfo& info) {
  return Environment::Of(info.Env())->Get(static_cast<uint32_t>(NumberArgument(info, 0)));
}

// The last argument of every asynchronous function: callback(error | undefined, result).
Napi::Function CallbackArgument(const Napi::CallbackInfo& info, size_t index) {
  SEAWALL_ASSERT(index < info.Length() && info[index].IsFunction());
  return info[index].As<Napi::Function>();
}

struct OpenRequest {
  std::string directory;
  LogOptions options;
  PosixStorageOptions storage;
  Status status;
  RecoveryReport report;
};

PosixStorageOptions ReadStorageOptions(const Napi::Object& object) {
  PosixStorageOptions options;
  const std::string backend = object.Get("backend").As<Napi::String>();
  if (backend == "io_uring") options.backend = BackendChoice::kIoUring;
  if (backend == "threads") options.backend = BackendChoice::kThreads;
  const std::string direct_io = object.Get("directIO").As<Napi::String>();
  if (direct_io == "require") options.direct_io = DirectIo::kRequire;
  if (direct_io == "never") options.direct_io = DirectIo::kNever;
  return options;
}

Status OpenLog(OpenRequest* request, const OpenProgress& progress, LogEventSink sink,
               std::unique_ptr<Log>* log) {
  std::unique_ptr<Storage> storage;
  SEAWALL_RETURN_IF_ERROR(
      NewStorage(request->directory, request->storage, !request->options.read_only, &storage));
  request->options.start_threads = RunsOnThreads();
  return Log::Open(std::move(storage), request->directory, request->options, ExecutionEnvironment(),
                   progress, std::move(sink), log, &request->report);
}

// {handle, ring, control, report}, or undefined where external memory is not allowed.
Napi::Value OpenResult(Napi::Env env, LogHandle* handle, const RecoveryReport& report) {
  Log* log = handle->log();
  Napi::Object result = Napi::Object::New(env);
  result.Set("handle", handle->id());
  result.Set("report", ReportObject(env, report));
  const Napi::Value control =
      ExternalArrayBuffer(env, log->control(), sizeof(ControlBlock), log->shared_control());
  if (control.IsEmpty()) return env.Undefined();
  result.Set("control", control);
  if (log->ring() == nullptr) {
    result.Set("ring", env.Null());
    return result;
  }
  const Napi::Value ring =
      ExternalArrayBuffer(env, log->ring()->data(), 2 * log->ring()->bytes(), log->ring());
  if (ring.IsEmpty()) return env.Undefined();
  result.Set("ring", ring);
  return result;
}

Status NoExternalMemory() {
  return Status::Error(Code::kBindingUnavailable,
                       "this runtime does not allow external ArrayBuffers (Electron)");
}

// Progress reports go to JavaScript at most this often.
constexpr uint64_t kProgressIntervalUs = 50000;

OpenProgress ProgressTo(LogHandle* handle) {
  const LogEnvironment environment = ExecutionEnvironment();
  return [handle, environment, last_us = uint64_t{0}, last_phase = OpenPhase::kLocking](
             OpenPhase phase, uint64_t done, uint64_t total) mutable {
    const uint64_t now_us = environment.monotonic_us();
    if (phase == last_phase && now_us - last_us < kProgressIntervalUs) return;
    last_us = now_us;
    last_phase = phase;
    handle->PostProgress(phase, done, total);
  };
}

// open(directory, options, onEvent, wantsProgress, callback)
Napi::Value Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto request = std::make_shared<OpenRequest>();
  request->directory = info[0].As<Napi::String>();
  const Napi::Object options = info[1].As<Napi::Object>();
  request->options = ReadLogOptions(options);
  request->storage = ReadStorageOptions(options);
  const std::shared_ptr<LogHandle> handle =
      Environment::Of(env)->Open(env, info[2].As<Napi::Function>());
  LogHandle* const opening = handle.get();
  const OpenProgress progress =
      info[3].As<Napi::Boolean>().Value() ? ProgressTo(opening) : OpenProgress();
  handle->RunJob(
      CallbackArgument(info, 4),
      [request, progress, opening] {
        request->status =
            OpenLog(request.get(), progress, opening->EventSink(), &opening->log_slot());
      },
      [request, opening](Napi::Env env, const Napi::Function& callback) {
        Napi::Value result = env.Undefined();
        if (request->status.ok()) {
          result = OpenResult(env, opening, request->report);
          if (result.IsUndefined()) request->status = NoExternalMemory();
          if (RunsOnThreads()) opening->PollLog(env);
        }
        const Napi::Value error = ToErrorObject(env, request->status);
        if (!request->status.ok()) Environment::Of(env)->Close(env, opening->id());
        callback.Call({error, result});
      });
  return env.Undefined();
}

// publish(handle, endLSN, waiters) -> true when everything below endLSN is durable already
Napi::Value Publish(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const Lsn end = LsnArgument(info, 1);
  const auto waiters = static_cast<uint32_t>(NumberArgument(info, 2));
  // Armed before anything is published, so that the event cannot come before it is wanted.
  if (waiters > 0) handle->AwaitFlushed();
  handle->log()->Publish(end, waiters);
  return Napi::Boolean::New(info.Env(), handle->log()->flushed_lsn() >= end);
}

// waitForSpace(handle, endLSN) -> error | undefined; blocks
Napi::Value WaitForSpace(const Napi::CallbackInfo& info) {
  return ToErrorObject(info.Env(), HandleArgument(info)->log()->WaitForSpace(LsnArgument(info, 1)));
}

// waitForSegments(handle, endLSN) -> error | undefined; blocks
Napi::Value WaitForSegments(const Napi::CallbackInfo& info) {
  return ToErrorObject(info.Env(),
                       HandleArgument(info)->log()->WaitForSegments(LsnArgument(info, 1)));
}

// flushSync(handle, endLSN) -> error | undefined; blocks
Napi::Value FlushSync(const Napi::CallbackInfo& info) {
  return ToErrorObject(info.Env(), HandleArgument(info)->log()->FlushSync(LsnArgument(info, 1)));
}

Napi::Value Poison(const Napi::CallbackInfo& info) {
  return ToErrorObject(info.Env(), HandleArgument(info)->log()->poison());
}

Napi::Value Stats(const Napi::CallbackInfo& info) {
  return StatsObject(info.Env(), HandleArgument(info)->log()->Stats());
}

// truncateBefore(handle, lsn, callback)
Napi::Value TruncateBefore(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const Lsn lsn = LsnArgument(info, 1);
  auto status = std::make_shared<Status>();
  handle->RunJob(
      CallbackArgument(info, 2),
      [handle, lsn, status] { *status = handle->log()->TruncateBefore(lsn); },
      [status](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, *status)});
      });
  return info.Env().Undefined();
}

// setCheckpoint(handle, lsn, callback)
Napi::Value SetCheckpoint(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const Lsn lsn = LsnArgument(info, 1);
  auto status = std::make_shared<Status>();
  handle->RunJob(
      CallbackArgument(info, 2),
      [handle, lsn, status] { *status = handle->log()->SetCheckpoint(lsn); },
      [status](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, *status)});
      });
  return info.Env().Undefined();
}

// close(handle, callback): the handle number is invalid once the callback runs
Napi::Value Close(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  auto status = std::make_shared<Status>();
  handle->StopPolledReads();
  handle->StopPollingLog();
  handle->RunJob(
      CallbackArgument(info, 1),
      [handle, status] {
        handle->readers().clear();
        handle->ClosePages();
        *status = handle->log()->Close();
      },
      [handle, status](Napi::Env env, const Napi::Function& callback) {
        Environment::Of(env)->Close(env, handle->id());
        callback.Call({ToErrorObject(env, *status)});
      });
  return info.Env().Undefined();
}

}  // namespace

void DefineLogFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  exports.Set("publish", Napi::Function::New<Publish>(env, "publish"));
  exports.Set("waitForSpace", Napi::Function::New<WaitForSpace>(env, "waitForSpace"));
  exports.Set("waitForSegments", Napi::Function::New<WaitForSegments>(env, "waitForSegments"));
  exports.Set("flushSync", Napi::Function::New<FlushSync>(env, "flushSync"));
  exports.Set("poison", Napi::Function::New<Poison>(env, "poison"));
  exports.Set("stats", Napi::Function::New<Stats>(env, "stats"));
  exports.Set("truncateBefore", Napi::Function::New<TruncateBefore>(env, "truncateBefore"));
  exports.Set("setCheckpoint", Napi::Function::New<SetCheckpoint>(env, "setCheckpoint"));
  exports.Set("close", Napi::Function::New<Close>(env, "close"));
}

}  // namespace seawall::napi

// The page functions of the addon. Pages belong to the handle of their log.
#include "napi/environment.h"
#include "napi/error_object.h"
#include "napi/execution.h"
#include "napi/js_values.h"
#include "napi/log_binding.h"

namespace seawall::napi {

namespace {

// JavaScript engines limit the size of one ArrayBuffer, so a large pool is shown in several.
constexpr uint64_t kArenaBytesMax = uint64_t{1} << 30;

LogHandle* HandleArgument(const Napi::CallbackInfo& info) {
  return Environment::Of(info.Env())->Get(static_cast<uint32_t>(NumberArgument(info, 0)));
}

struct OpenPagesRequest {
  PageStoreOptions options;
  uint32_t new_page_bytes = 0;  // not 0: create the data file with it when there is none
  Status status;
  std::vector<uint32_t> repaired;
  bool created = false;
};

LogHorizon HorizonOf(Log* log) {
  LogHorizon horizon;
  horizon.flushed_lsn = [log] { return log->flushed_lsn(); };
  horizon.wait_flushed = [log](Lsn lsn) { return log->WaitFlushed(lsn); };
  return horizon;
}

Status OpenStore(LogHandle* handle, OpenPagesRequest* request) {
  Log* const log = handle->log();
  const auto open = [&] {
    return PageStore::Open(log->storage(), log->directory(), log->log_id(), log->flushed_lsn(),
                           request->options, HorizonOf(log), handle->PagesReadSink(),
                           &handle->pages(), &request->repaired);
  };
  Status status = open();
  if (status.code() != Code::kNotFound || request->new_page_bytes == 0) return status;
  request->created = true;
  SEAWALL_RETURN_IF_ERROR(PageFile::Create(log->storage(), log->directory(), log->log_id(),
                                           request->new_page_bytes,
                                           ExecutionEnvironment().wall_clock_ms()));
  return open();
}

// {pageBytes, frames, filePages, batchPages, created, repaired, arenas}; undefined where external
// memory is not allowed.
Napi::Value OpenPagesResult(Napi::Env env, LogHandle* handle, const OpenPagesRequest& request) {
  PageStore* const store = handle->pages().get();
  Napi::Object result = Napi::Object::New(env);
  result.Set("pageBytes", store->page_bytes());
  result.Set("frames", static_cast<double>(store->frames()->count()));
  result.Set("filePages", static_cast<double>(store->pages()));
  result.Set("batchPages", store->batch_pages_max());
  result.Set("created", request.created);
  Napi::Array repaired = Napi::Array::New(env, request.repaired.size());
  for (uint32_t i = 0; i < request.repaired.size(); i++) repaired.Set(i, request.repaired[i]);
  result.Set("repaired", repaired);
  Napi::Array arenas = Napi::Array::New(env);
  const std::shared_ptr<PageFrames>& frames = store->frames();
  for (uint64_t at = 0; at < frames->bytes(); at += kArenaBytesMax) {
    const size_t bytes = std::min<uint64_t>(kArenaBytesMax, frames->bytes() - at);
    const Napi::Value arena = ExternalArrayBuffer(env, frames->data() + at, bytes, frames);
    if (arena.IsEmpty()) return env.Undefined();
    arenas.Set(arenas.Length(), arena);
  }
  result.Set("arenas", arenas);
  return result;
}

// pagesOpen(handle, {pageBytes, newPageBytes, poolBytes, framesMin, doublewrite}, callback)
Napi::Value PagesOpen(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const Napi::Object object = info[1].As<Napi::Object>();
  auto request = std::make_shared<OpenPagesRequest>();
  request->options.page_bytes = object.Get("pageBytes").As<Napi::Number>().Uint32Value();
  request->new_page_bytes = object.Get("newPageBytes").As<Napi::Number>().Uint32Value();
  request->options.pool_bytes =
      static_cast<uint64_t>(object.Get("poolBytes").As<Napi::Number>().DoubleValue());
  request->options.frames_min = object.Get("framesMin").As<Napi::Number>().Uint32Value();
  request->options.doublewrite = object.Get("doublewrite").As<Napi::Boolean>().Value();
  request->options.start_threads = RunsOnThreads();
  request->options.polled_reads = RunsOnThreads();
  handle->RunJob(
      info[2].As<Napi::Function>(),
      [handle, request] { request->status = OpenStore(handle, request.get()); },
      [handle, request](Napi::Env env, const Napi::Function& callback) {
        Napi::Value result = env.Undefined();
        if (request->status.ok()) handle->StartPolledReads(env);
        if (request->status.ok()) {
          result = OpenPagesResult(env, handle, *request);
          if (result.IsUndefined()) {
            request->status = Status::Error(Code::kBindingUnavailable,
                                            "this runtime does not allow external ArrayBuffers");
          }
        }
        callback.Call({ToErrorObject(env, request->status), result});
      });
  return info.Env().Undefined();
}

// pagesRead(handle, reads, count): reads is a Uint32Array of page id and frame in turn. Each page
// has one row in a pagesRead event.
Napi::Value PagesRead(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const Napi::Uint32Array table = info[1].As<Napi::Uint32Array>();
  const auto count = static_cast<size_t>(NumberArgument(info, 2));
  SEAWALL_ASSERT(count > 0 && 2 * count <= table.ElementLength());
  std::vector<PageRead> reads(count);
  for (size_t i = 0; i < count; i++) reads[i] = {table[2 * i], table[2 * i + 1]};
  handle->ReadPages(reads.data(), count);
  return info.Env().Undefined();
}

// pagesWrite(handle, frames, count, callback): copies the pages now, in ascending order of page id;
// they are durable in their places when the callback comes.
Napi::Value PagesWrite(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const Napi::Uint32Array frames = info[1].As<Napi::Uint32Array>();
  const auto count = static_cast<size_t>(NumberArgument(info, 2));
  SEAWALL_ASSERT(count <= frames.ElementLength());
  auto batch =
      std::make_shared<std::unique_ptr<PageBatch>>(handle->pages()->Stage(frames.Data(), count));
  auto status = std::make_shared<Status>();
  handle->RunPageJob(
      info[3].As<Napi::Function>(),
      [handle, batch, status] {
        *status = handle->pages()->Write(batch->get());
        handle->pages()->Recycle(std::move(*batch));
      },
      [status](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, *status)});
      });
  return info.Env().Undefined();
}

// pagesGrow(handle, pages, callback)
Napi::Value PagesGrow(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const auto pages = static_cast<uint64_t>(NumberArgument(info, 1));
  auto status = std::make_shared<Status>();
  handle->RunPageJob(
      info[2].As<Napi::Function>(),
      [handle, pages, status] { *status = handle->pages()->Grow(pages); },
      [status](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, *status)});
      });
  return info.Env().Undefined();
}

// pagesStopDoublewrite(handle, callback)
Napi::Value PagesStopDoublewrite(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  auto status = std::make_shared<Status>();
  handle->RunPageJob(
      info[1].As<Napi::Function>(),
      [handle, status] { *status = handle->pages()->StopDoublewrite(); },
      [status](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, *status)});
      });
  return info.Env().Undefined();
}

// pagesStats(handle) -> {pagesRead, pagesWritten, pageBatches, logWaits, filePages}
Napi::Value PagesStats(const Napi::CallbackInfo& info) {
  PageStore* const store = HandleArgument(info)->pages().get();
  const PageStoreCounters& counters = store->counters();
  Napi::Object object = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, uint64_t value) {
    object.Set(name, static_cast<double>(value));
  };
  set("pagesRead", counters.pages_read.load(std::memory_order_relaxed));
  set("pagesWritten", counters.pages_written.load(std::memory_order_relaxed));
  set("pageBatches", counters.batches.load(std::memory_order_relaxed));
  set("logWaits", counters.log_waits.load(std::memory_order_relaxed));
  set("filePages", store->pages());
  return object;
}

}  // namespace

void DefinePageFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("pagesOpen", Napi::Function::New<PagesOpen>(env, "pagesOpen"));
  exports.Set("pagesRead", Napi::Function::New<PagesRead>(env, "pagesRead"));
  exports.Set("pagesWrite", Napi::Function::New<PagesWrite>(env, "pagesWrite"));
  exports.Set("pagesGrow", Napi::Function::New<PagesGrow>(env, "pagesGrow"));
  exports.Set("pagesStopDoublewrite",
              Napi::Function::New<PagesStopDoublewrite>(env, "pagesStopDoublewrite"));
  exports.Set("pagesStats", Napi::Function::New<PagesStats>(env, "pagesStats"));
}

}  // namespace seawall::napi

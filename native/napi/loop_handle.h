// LoopHandle: a libuv handle of a JavaScript environment, and what it takes to use one from an
// addon: libuv keeps the handle until its close callback has run, in a later turn of the loop, and
// an environment that is going down must wait for that.
//
// Made with new, ended with Close, freed by the event loop. JavaScript thread only.
#pragma once

#include <uv.h>

#include <functional>
#include <optional>
#include <utility>

#include <napi.h>

#include "base/assert.h"

namespace seawall::napi {

// What JavaScript threw (a listener, say) and nobody caught becomes an uncaughtException, as from
// any other callback of the event loop.
inline void ReportException(Napi::Env env) {
  bool is_pending = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &is_pending) != napi_ok || !is_pending) return;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok && exception != nullptr)
    napi_fatal_exception(env, exception);
}

enum class CallbackScope : uint8_t {
  kOne,   // promises that the callback settles are gone on with when it returns
  kNone,  // the callback opens scopes itself, as MakeCallback does
};

template <typename UvHandle>
class LoopHandle {
 public:
  using Callback = std::function<void(Napi::Env)>;

  LoopHandle(Napi::Env env, CallbackScope scope, Callback callback)
      : env_(env), scope_(scope), context_(env, "seawall"), callback_(std::move(callback)) {
    handle_.data = this;
    const napi_status added = napi_add_async_cleanup_hook(
        env,
        [](napi_async_cleanup_hook_handle, void* self) { static_cast<LoopHandle*>(self)->Close(); },
        this, &cleanup_);
    SEAWALL_ASSERT(added == napi_ok);
  }
  LoopHandle(const LoopHandle&) = delete;
  LoopHandle& operator=(const LoopHandle&) = delete;

  UvHandle* uv() { return &handle_; }
  uv_loop_t* loop() const {
    uv_loop_t* loop = nullptr;
    SEAWALL_ASSERT(napi_get_uv_event_loop(env_, &loop) == napi_ok);
    return loop;
  }
  void Ref() {
    if (!is_closing_) uv_ref(AsHandle());
  }
  void Unref() {
    if (!is_closing_) uv_unref(AsHandle());
  }
  // For the handle's libuv callback.
  void Run() {
    if (is_closing_) return;
    Napi::HandleScope handles(env_);
    std::optional<Napi::CallbackScope> callbacks;
    if (scope_ == CallbackScope::kOne) callbacks.emplace(env_, context_);
    // A copy: the callback may close this handle.
    const Callback callback = callback_;
    callback(env_);
    ReportException(env_);
  }
  // The callback does not run any more, unless it is running. Idempotent.
  void Close() {
    if (is_closing_) return;
    is_closing_ = true;
    callback_ = nullptr;
    uv_close(AsHandle(), [](uv_handle_t* closed) {
      auto* self = static_cast<LoopHandle*>(closed->data);
      napi_remove_async_cleanup_hook(self->cleanup_);
      delete self;
    });
  }

 private:
  ~LoopHandle() = default;
  uv_handle_t* AsHandle() { return reinterpret_cast<uv_handle_t*>(&handle_); }

  const Napi::Env env_;
  const CallbackScope scope_;
  Napi::AsyncContext context_;
  Callback callback_;
  UvHandle handle_ = {};
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  bool is_closing_ = false;
};

}  // namespace seawall::napi

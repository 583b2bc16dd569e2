// CompletionPoll: calls back on the JavaScript thread whenever a descriptor is readable.
#pragma once

#include <functional>
#include <memory>

#include <napi.h>

#include "napi/loop_handle.h"

namespace seawall::napi {

class CompletionPoll {
 public:
  using Callback = std::function<void(Napi::Env)>;

  // It does not keep the event loop alive. The descriptor stays open until the destructor.
  // JavaScript thread, as everything here.
  CompletionPoll(Napi::Env env, int descriptor, CallbackScope scope, Callback on_readable);
  // No callback any more; the descriptor may be closed. May be called from within the callback.
  ~CompletionPoll() { poll_->Close(); }
  CompletionPoll(const CompletionPoll&) = delete;
  CompletionPoll& operator=(const CompletionPoll&) = delete;

  // Whether the event loop stays alive for it.
  void SetHold(bool hold) {
    if (hold) {
      poll_->Ref();
    } else {
      poll_->Unref();
    }
  }

 private:
  using Poll = LoopHandle<uv_poll_t>;
  Poll* const poll_;  // owned by the event loop
};

}  // namespace seawall::napi

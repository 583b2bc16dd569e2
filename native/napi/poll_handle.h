// PollHandle: calls back on the JavaScript thread whenever a descriptor is readable. The only user
// of the event loop's own interface.
#pragma once

#include <functional>
#include <memory>

#include <napi.h>

namespace seawall::napi {

class PollHandle {
 public:
  // Runs on the JavaScript thread, within no callback scope.
  using Callback = std::function<void(Napi::Env)>;

  // Null where the runtime has no such event loop. It does not keep the event loop alive.
  // JavaScript thread, as everything here.
  static std::unique_ptr<PollHandle> Start(Napi::Env env, int descriptor, Callback on_readable);
  // No callback any more; the descriptor may be closed. May be called from within the callback.
  ~PollHandle();

  // Whether the event loop stays alive for it.
  void SetHold(bool hold);

 private:
  struct State;
  explicit PollHandle(State* state) : state_(state) {}

  State* const state_;
};

}  // namespace seawall::napi

#include "napi/completion_poll.h"

namespace seawall::napi {

CompletionPoll::CompletionPoll(Napi::Env env, int descriptor, CallbackScope scope,
                               Callback on_readable)
    : poll_(new Poll(env, scope, std::move(on_readable))) {
  SEAWALL_ASSERT(uv_poll_init(poll_->loop(), poll_->uv(), descriptor) == 0);
  const auto when_readable = [](uv_poll_t* handle, int, int) {
    static_cast<Poll*>(handle->data)->Run();
  };
  SEAWALL_ASSERT(uv_poll_start(poll_->uv(), UV_READABLE, when_readable) == 0);
  poll_->Unref();
}

}  // namespace seawall::napi

#include "napi/poll_handle.h"

#include <uv.h>

#include "base/assert.h"

namespace seawall::napi {

// The event loop gives a handle back one turn after it was closed, and its memory must last until
// then. So must the environment: the clean-up hook makes it wait. Two parties have to let go before
// the state is deleted: the PollHandle and the event loop.
struct PollHandle::State {
  Napi::Env env;
  Callback on_readable;
  // As large as the libuv that runs says, which may not be the one of the headers.
  std::unique_ptr<char[]> memory{new char[uv_handle_size(UV_POLL)]};
  napi_async_cleanup_hook_handle hook = nullptr;
  bool is_owned = true;  // by a PollHandle
  bool is_closing = false;
  bool is_closed = false;

  uv_poll_t* poll() { return reinterpret_cast<uv_poll_t*>(memory.get()); }
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(memory.get()); }

  static State* Of(const uv_handle_t* handle) {
    return static_cast<State*>(uv_handle_get_data(handle));
  }

  static void OnReadable(uv_poll_t* poll, int, int) {
    State* const state = Of(reinterpret_cast<uv_handle_t*>(poll));
    const Napi::HandleScope scope(state->env);
    state->on_readable(state->env);
  }

  void Close() {
    if (is_closing) return;
    is_closing = true;
    uv_close(handle(), [](uv_handle_t* closed) {
      State* const state = Of(closed);
      state->is_closed = true;
      if (state->hook != nullptr) napi_remove_async_cleanup_hook(state->hook);
      state->hook = nullptr;
      state->DeleteIfUnused();
    });
  }

  void DeleteIfUnused() {
    if (!is_owned && is_closed) delete this;
  }
};

std::unique_ptr<PollHandle> PollHandle::Start(Napi::Env env, int descriptor, Callback on_readable) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
  auto state = std::unique_ptr<State>(new State{env, std::move(on_readable)});
  if (uv_poll_init(loop, state->poll(), descriptor) != 0) return nullptr;
  uv_handle_set_data(state->handle(), state.get());
  uv_unref(state->handle());
  SEAWALL_ASSERT(uv_poll_start(state->poll(), UV_READABLE, State::OnReadable) == 0);
  const napi_status hooked = napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle, void* ending) { static_cast<State*>(ending)->Close(); },
      state.get(), &state->hook);
  SEAWALL_ASSERT(hooked == napi_ok);
  return std::unique_ptr<PollHandle>(new PollHandle(state.release()));
}

PollHandle::~PollHandle() {
  state_->is_owned = false;
  state_->Close();
  state_->DeleteIfUnused();
}

void PollHandle::SetHold(bool hold) {
  if (state_->is_closing) return;
  if (hold) {
    uv_ref(state_->handle());
  } else {
    uv_unref(state_->handle());
  }
}

}  // namespace seawall::napi

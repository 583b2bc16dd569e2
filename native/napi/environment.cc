#include "napi/environment.h"

namespace seawall::napi {

std::shared_ptr<LogHandle> Environment::Open(Napi::Env env, Napi::Function on_event) {
  const uint32_t id = static_cast<uint32_t>(handles_.size());
  auto handle = std::make_shared<LogHandle>(env, id, on_event);
  handles_.push_back(handle);
  // Hooks run last in, first out, and the handle's channel has registered its own already: ours
  // runs before.
  napi_add_env_cleanup_hook(env, ShutDownHandle, handle.get());
  return handle;
}

void Environment::ShutDownHandle(void* handle) { static_cast<LogHandle*>(handle)->ShutDown(); }

LogHandle* Environment::Get(uint32_t id) const {
  SEAWALL_ASSERT(id < handles_.size() && handles_[id] != nullptr);
  return handles_[id].get();
}

void Environment::Close(Napi::Env env, uint32_t id) {
  LogHandle* handle = Get(id);
  napi_remove_env_cleanup_hook(env, ShutDownHandle, handle);
  handle->ShutDown();
  handles_[id].reset();
}

}  // namespace seawall::napi

// The open logs of one JavaScript environment (main thread or worker), by handle number.
#pragma once

#include <memory>
#include <vector>

#include <napi.h>

#include "napi/log_handle.h"

namespace seawall::napi {

class Environment {
 public:
  static Environment* Of(Napi::Env env) { return env.GetInstanceData<Environment>(); }

  // The handle is shut down when the environment ends, before its channel goes.
  std::shared_ptr<LogHandle> Open(Napi::Env env, Napi::Function on_event);
  // Asserts that the handle is open: TypeScript never passes another one.
  LogHandle* Get(uint32_t id) const;
  void Close(Napi::Env env, uint32_t id);
  // By id; those of closed logs are null.
  const std::vector<std::shared_ptr<LogHandle>>& handles() const { return handles_; }

 private:
  static void ShutDownHandle(void* handle);

  std::vector<std::shared_ptr<LogHandle>> handles_;
};

}  // namespace seawall::napi

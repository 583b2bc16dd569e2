// Reading arguments that TypeScript has validated, and building plain result objects.
#pragma once

#include <memory>
#include <string>

#include <napi.h>

#include "log/log.h"

namespace seawall::napi {

inline double NumberArgument(const Napi::CallbackInfo& info, size_t index) {
  SEAWALL_ASSERT(index < info.Length() && info[index].IsNumber());
  return info[index].As<Napi::Number>().DoubleValue();
}

inline Lsn LsnArgument(const Napi::CallbackInfo& info, size_t index) {
  const double value = NumberArgument(info, index);
  SEAWALL_ASSERT(value >= 0 && value <= static_cast<double>(layout::lsn_max));
  return static_cast<Lsn>(value);
}

inline Napi::Value FromLsn(Napi::Env env, Lsn lsn) {
  return Napi::Number::New(env, static_cast<double>(lsn));
}

// An ArrayBuffer over native memory that `owner` keeps alive for as long as JavaScript can see it.
// Empty where the runtime allows no external memory (Electron).
template <typename T>
Napi::Value ExternalArrayBuffer(Napi::Env env, void* data, size_t bytes, std::shared_ptr<T> owner) {
  auto* held = new std::shared_ptr<T>(std::move(owner));
  napi_value buffer = nullptr;
  const napi_status created = napi_create_external_arraybuffer(
      env, data, bytes,
      [](napi_env, void*, void* hint) { delete static_cast<std::shared_ptr<T>*>(hint); }, held,
      &buffer);
  if (created == napi_ok) return Napi::Value(env, buffer);
  delete held;
  return Napi::Value();
}

LogOptions ReadLogOptions(const Napi::Object& object);
Napi::Object ReportObject(Napi::Env env, const RecoveryReport& report);
Napi::Object StatsObject(Napi::Env env, const LogStats& stats);

}  // namespace seawall::napi

#include "napi/error_object.h"

namespace seawall::napi {

Napi::Value ToErrorObject(Napi::Env env, const Status& status) {
  if (status.ok()) return env.Undefined();
  Napi::Object object = Napi::Object::New(env);
  object.Set("code", CodeName(status.code()));
  object.Set("detail", status.detail());
  if (status.sys_errno() != 0) object.Set("errno", status.sys_errno());
  if (status.syscall() != nullptr) object.Set("syscall", status.syscall());
  if (!status.path().empty()) object.Set("path", status.path());
  if (status.lsn() != Status::kNoLsn) object.Set("lsn", static_cast<double>(status.lsn()));
  return object;
}

}  // namespace seawall::napi

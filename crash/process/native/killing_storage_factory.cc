// The storage of the addon for the harness: the real one, with a KillSwitch.
#include "kill_switch.h"
#include "killing_storage.h"
#include "napi/js_values.h"
#include "napi/storage_factory.h"

namespace seawall::napi {

namespace {

// killAt(operation, path, moment, count, delayUs): numbers are those of the enums
Napi::Value KillAt(const Napi::CallbackInfo& info) {
  crash::KillPoint point;
  point.operation = static_cast<crash::Operation>(NumberArgument(info, 0));
  point.path = info[1].As<Napi::String>();
  point.moment = static_cast<crash::Moment>(NumberArgument(info, 2));
  point.count = static_cast<uint64_t>(NumberArgument(info, 3));
  point.delay_us = static_cast<uint32_t>(NumberArgument(info, 4));
  crash::KillSwitch::Get()->Arm(point);
  return info.Env().Undefined();
}

}  // namespace

Status NewStorage(const std::string& directory, const PosixStorageOptions& options, bool create,
                  std::unique_ptr<Storage>* storage) {
  SEAWALL_RETURN_IF_ERROR(EnsureDirectory(directory, create));
  std::unique_ptr<Storage> real;
  SEAWALL_RETURN_IF_ERROR(NewPosixStorage(directory, options, &real));
  *storage = crash::NewKillingStorage(std::move(real), directory);
  return Status::Ok();
}

void DefineStorageFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("killAt", Napi::Function::New<KillAt>(env, "killAt"));
}

}  // namespace seawall::napi

// The module: one Environment per JavaScript environment, and the functions.
#include <napi.h>

#include "base/crc32c.h"
#include "format/layout.h"
#include "io/uring_queue.h"
#include "napi/environment.h"
#include "napi/log_binding.h"
#include "napi/storage_factory.h"

namespace seawall::napi {

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment());
  exports.Set("formatVersion", Napi::Number::New(env, static_cast<double>(layout::format_version)));
  exports.Set("hasIoUring", Napi::Boolean::New(env, HasIoUring()));
  exports.Set("crc32c", Crc32cImplementation());
  DefineLogFunctions(env, exports);
  DefineReaderFunctions(env, exports);
  DefinePageFunctions(env, exports);
  DefineSurveyFunctions(env, exports);
  DefineStorageFunctions(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(seawall, Init)

}  // namespace seawall::napi

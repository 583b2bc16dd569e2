// Status -> plain object. JavaScript builds the SeawallError (lib/native/map-error.ts).
#pragma once

#include <napi.h>

#include "base/status.h"

namespace seawall::napi {

// undefined when ok; otherwise {code, detail, errno?, syscall?, path?, lsn?}.
Napi::Value ToErrorObject(Napi::Env env, const Status& status);

}  // namespace seawall::napi

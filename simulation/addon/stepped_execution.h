// The functions by which JavaScript calls for steps.
#pragma once

#include <napi.h>

namespace seawall::napi {

void DefineStepperFunctions(Napi::Env env, Napi::Object exports);

}  // namespace seawall::napi

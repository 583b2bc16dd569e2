// The functions that lib/native/binding.ts declares. No logic: arguments in, native/log called,
// results out.
#pragma once

#include <napi.h>

namespace seawall::napi {

void DefineLogFunctions(Napi::Env env, Napi::Object exports);
void DefineReaderFunctions(Napi::Env env, Napi::Object exports);

}  // namespace seawall::napi

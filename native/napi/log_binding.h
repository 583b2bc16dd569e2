// The functions that lib/native/binding.ts declares. No logic: arguments in, native/log called,
// results out.
#pragma once

#include <napi.h>

namespace seawall::napi {

void DefineLogFunctions(Napi::Env env, Napi::Object exports);
// The page functions, on the same handles (page_binding.cc).
void DefinePageFunctions(Napi::Env env, Napi::Object exports);
void DefineReaderFunctions(Napi::Env env, Napi::Object exports);
// Directories looked at from outside, without a handle (survey_binding.cc).
void DefineSurveyFunctions(Napi::Env env, Napi::Object exports);

}  // namespace seawall::napi

#include "stepped_execution.h"

namespace seawall::napi {

void DefineStepperFunctions(Napi::Env, Napi::Object) {}

}  // namespace seawall::napi

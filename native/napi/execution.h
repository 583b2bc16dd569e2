// What the addon's logs run on: threads of their own and the time of this machine; or, in an addon
// for tests, step by step with a time of the test's (simulation/addon).
#pragma once

#include "log/log_environment.h"

namespace seawall::napi {

// False: nothing happens until somebody calls for it.
bool RunsOnThreads();

LogEnvironment ExecutionEnvironment();

}  // namespace seawall::napi

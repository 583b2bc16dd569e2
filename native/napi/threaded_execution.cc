#include "napi/execution.h"

namespace seawall::napi {

bool RunsOnThreads() { return true; }

LogEnvironment ExecutionEnvironment() { return LogEnvironment::Real(); }

}  // namespace seawall::napi

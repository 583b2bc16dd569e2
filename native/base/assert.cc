#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace seawall {

void AssertFailed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "seawall: assertion failed: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace seawall

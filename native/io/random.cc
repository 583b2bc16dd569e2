#include "io/random.h"

#include <sys/random.h>
#include <cerrno>
#include <cstdint>

#include "base/assert.h"

namespace seawall {

void FillRandom(void* bytes, size_t count) {
  auto* at = static_cast<uint8_t*>(bytes);
  while (count > 0) {
    const ssize_t got = getrandom(at, count, 0);
    if (got < 0 && errno == EINTR) continue;
    SEAWALL_ASSERT(got > 0);
    at += got;
    count -= static_cast<size_t>(got);
  }
}

}  // namespace seawall

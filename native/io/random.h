// Random bytes from the kernel, for the identity of a new log.
#pragma once

#include <cstddef>

namespace seawall {

void FillRandom(void* bytes, size_t count);

}  // namespace seawall

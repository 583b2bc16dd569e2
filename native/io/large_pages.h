// Memory in large pages. Ordinary pages lie anywhere, and a direct transfer names each of them to
// the drive: large transfers from and to large pages are a good deal faster
// (docs/decisions/0007-where-the-time-goes.md).
#pragma once

#include <cstddef>
#include <cstdint>

namespace seawall {

// Zeroed address space that begins where a large page may begin. Takes memory as it is used. Null,
// and errno, when the kernel refuses. `bytes` is a multiple of the memory page.
uint8_t* MapMemory(size_t bytes);
void UnmapMemory(uint8_t* data, size_t bytes);

// Asks for large pages from `data`, which MapMemory returned, up to `bytes`. Where the kernel has
// none, all that is lost is the speed.
void PreferLargePages(uint8_t* data, size_t bytes);

}  // namespace seawall

#include "io/large_pages.h"

#include <sys/mman.h>

#include "base/align.h"

namespace seawall {

namespace {

// What a large page covers on x86-64, and on arm64 with pages of 4 KiB.
constexpr size_t kLargePageBytes = size_t{2} << 20;

}  // namespace

uint8_t* MapMemory(size_t bytes) {
  const size_t reserved_bytes = bytes + kLargePageBytes;
  void* reserved = mmap(nullptr, reserved_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return nullptr;
  const auto address = reinterpret_cast<uintptr_t>(reserved);
  const size_t before = AlignUp(address, kLargePageBytes) - address;
  uint8_t* const data = static_cast<uint8_t*>(reserved) + before;
  if (before > 0) munmap(reserved, before);
  if (before < kLargePageBytes) munmap(data + bytes, kLargePageBytes - before);
  return data;
}

void UnmapMemory(uint8_t* data, size_t bytes) { munmap(data, bytes); }

void PreferLargePages(uint8_t* data, size_t bytes) {
  if (bytes >= kLargePageBytes) (void)madvise(data, bytes, MADV_HUGEPAGE);
}

}  // namespace seawall

#include "io/ring_memory.h"

#include <sys/mman.h>
#include <unistd.h>
#include <cerrno>

#include "base/align.h"

namespace seawall {

namespace {

// What a large page covers on x86-64, and on arm64 with pages of 4 KiB.
constexpr size_t kLargePageBytes = size_t{2} << 20;

Status MapFailed() { return Status::FromErrno(errno, "mmap", "ring memory").WithCode(Code::kIo); }

// Address space that begins at a large page.
Status MapAligned(size_t bytes, uint8_t** data) {
  const size_t reserved_bytes = bytes + kLargePageBytes;
  void* reserved = mmap(nullptr, reserved_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return MapFailed();
  const auto address = reinterpret_cast<uintptr_t>(reserved);
  const size_t before = AlignUp(address, kLargePageBytes) - address;
  *data = static_cast<uint8_t*>(reserved) + before;
  // Both are multiples of the memory page, as `bytes` is.
  if (before > 0) munmap(reserved, before);
  if (before < kLargePageBytes) munmap(*data + bytes, kLargePageBytes - before);
  return Status::Ok();
}

}  // namespace

Status RingMemory::New(size_t bytes, std::shared_ptr<RingMemory>* ring) {
  SEAWALL_ASSERT(IsPowerOfTwo(bytes) && bytes % static_cast<size_t>(sysconf(_SC_PAGESIZE)) == 0);
  uint8_t* data = nullptr;
  SEAWALL_RETURN_IF_ERROR(MapAligned(2 * bytes, &data));
  // Ordinary pages lie anywhere, and the drive is told of each: a write of 1 MiB from large ones
  // takes about three quarters of the time (docs/decisions/0007). Where the kernel has none, it
  // goes on without.
  if (bytes >= kLargePageBytes) (void)madvise(data, bytes, MADV_HUGEPAGE);
  // A forked child that lives on must not see, or keep alive, the log's buffer.
  if (madvise(data, 2 * bytes, MADV_DONTFORK) != 0) {
    Status status = MapFailed();
    munmap(data, 2 * bytes);
    return status;
  }
  ring->reset(new RingMemory(data, bytes));
  return Status::Ok();
}

RingMemory::~RingMemory() { munmap(data_, 2 * bytes_); }

}  // namespace seawall

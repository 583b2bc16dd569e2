#include "io/ring_memory.h"

#include <sys/mman.h>
#include <unistd.h>
#include <cerrno>

#include "base/align.h"
#include "io/large_pages.h"

namespace seawall {

Status RingMemory::New(size_t bytes, std::shared_ptr<RingMemory>* ring) {
  SEAWALL_ASSERT(IsPowerOfTwo(bytes) && bytes % static_cast<size_t>(sysconf(_SC_PAGESIZE)) == 0);
  uint8_t* const data = MapMemory(2 * bytes);
  if (data == nullptr) return Status::FromErrno(errno, "mmap", "ring memory").WithCode(Code::kIo);
  PreferLargePages(data, bytes);
  // A forked child that lives on must not see, or keep alive, the log's buffer.
  if (madvise(data, 2 * bytes, MADV_DONTFORK) != 0) {
    Status status = Status::FromErrno(errno, "madvise", "ring memory").WithCode(Code::kIo);
    UnmapMemory(data, 2 * bytes);
    return status;
  }
  ring->reset(new RingMemory(data, bytes));
  return Status::Ok();
}

RingMemory::~RingMemory() { UnmapMemory(data_, 2 * bytes_); }

}  // namespace seawall

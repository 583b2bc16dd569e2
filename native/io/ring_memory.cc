#include "io/ring_memory.h"

#include <sys/mman.h>
#include <unistd.h>
#include <cerrno>

#include "base/align.h"
#include "io/thread_signals.h"

namespace seawall {

namespace {

Status MapFailed() { return Status::FromErrno(errno, "mmap", "ring memory").WithCode(Code::kIo); }

// Maps the file at both halves of a reserved range. On failure the caller unmaps the range.
Status MapTwice(int descriptor, uint8_t* range, size_t bytes) {
  for (int half = 0; half < 2; half++) {
    void* at = mmap(range + half * bytes, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                    descriptor, 0);
    if (at == MAP_FAILED) return MapFailed();
  }
  // A forked child that lives on must not see, or keep alive, the log's buffer.
  if (madvise(range, 2 * bytes, MADV_DONTFORK) != 0) return MapFailed();
  return Status::Ok();
}

}  // namespace

Status RingMemory::New(size_t bytes, std::shared_ptr<RingMemory>* ring) {
  SEAWALL_ASSERT(IsPowerOfTwo(bytes) && bytes % static_cast<size_t>(sysconf(_SC_PAGESIZE)) == 0);
  const int descriptor = memfd_create("seawall-ring", MFD_CLOEXEC);
  if (descriptor < 0)
    return Status::FromErrno(errno, "memfd_create", "ring memory").WithCode(Code::kIo);
  FileSizeSignalBlock signal_block;
  Status status;
  void* range = MAP_FAILED;
  if (ftruncate(descriptor, static_cast<off_t>(bytes)) != 0) {
    status = Status::FromErrno(errno, "ftruncate", "ring memory").WithCode(Code::kIo);
  } else {
    range = mmap(nullptr, 2 * bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    status = range == MAP_FAILED ? MapFailed()
                                 : MapTwice(descriptor, static_cast<uint8_t*>(range), bytes);
  }
  close(descriptor);
  if (!status.ok()) {
    if (range != MAP_FAILED) munmap(range, 2 * bytes);
    return status;
  }
  ring->reset(new RingMemory(static_cast<uint8_t*>(range), bytes));
  return Status::Ok();
}

RingMemory::~RingMemory() { munmap(data_, 2 * bytes_); }

}  // namespace seawall

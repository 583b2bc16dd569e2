#include "io/uring_queue.h"

#if SEAWALL_HAVE_LIBURING

#include <liburing.h>

#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "io/posix_file.h"
#include "io/thread_signals.h"

namespace seawall {

namespace {

// Cheaper wake-ups where the kernel has them (5.19); older kernels refuse unknown flags with
// EINVAL. No SINGLE_ISSUER or DEFER_TASKRUN: different threads use a queue, one at a time. No
// SQPOLL: it burns a core.
constexpr unsigned kOptionalFlags[] = {IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL, 0};

// Completions reach the thread only when it asks for them. Otherwise the kernel interrupts whatever
// system call it is in, and this is the host's thread. R_DISABLED: its first user is its one user.
constexpr unsigned kPollableFlags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                                    IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL |
                                    IORING_SETUP_R_DISABLED;

Status Unavailable(int sys_errno, const char* syscall) {
  std::string detail = std::string(syscall) + ": " + std::strerror(sys_errno);
  if (sys_errno == EPERM)
    detail += "; forbidden by seccomp (containers) or by sysctl kernel.io_uring_disabled";
  if (sys_errno == ENOSYS) detail += "; this kernel or sandbox has no io_uring";
  if (sys_errno == ENOMEM) detail += "; raise RLIMIT_MEMLOCK";
  return Status::FromErrno(sys_errno, syscall, "")
      .WithCode(Code::kIoUringUnavailable)
      .WithDetail(detail);
}

Status SetUpRing(unsigned entries, io_uring* ring) {
  int result = 0;
  for (unsigned flags : kOptionalFlags) {
    result = io_uring_queue_init(entries, ring, flags);
    if (result != -EINVAL) break;
  }
  return result == 0 ? Status::Ok() : Unavailable(-result, "io_uring_setup");
}

// A sandbox may allow the set-up and forbid the rest, and only using the ring shows it.
Status TryRing(io_uring* ring) {
  io_uring_probe* const probe = io_uring_get_probe_ring(ring);
  const bool is_complete = probe != nullptr && io_uring_opcode_supported(probe, IORING_OP_READV) &&
                           io_uring_opcode_supported(probe, IORING_OP_WRITEV) &&
                           io_uring_opcode_supported(probe, IORING_OP_FSYNC);
  if (probe != nullptr) io_uring_free_probe(probe);
  if (!is_complete) {
    return Status::Error(Code::kIoUringUnavailable, "io_uring lacks reads, writes or syncs here");
  }
  io_uring_prep_nop(io_uring_get_sqe(ring));
  int result = 0;
  do {
    result = io_uring_submit_and_wait(ring, 1);
  } while (result == -EINTR);
  return result >= 0 ? Status::Ok() : Unavailable(-result, "io_uring_enter");
}

// Operations are never linked: a short write would break the chain and let a sync go ahead or be
// cancelled. The caller submits a sync when the writes it covers are complete.
class UringQueue final : public PollableQueue {
 public:
  explicit UringQueue(uint32_t capacity) : operations_(capacity) {
    for (Operation& operation : operations_) free_.push_back(&operation);
  }

  // The kernel may use buffers until their completion is here, so it is waited for.
  ~UringQueue() override {
    IoCompletion completion;
    while (Wait(&completion, 1) > 0) {
    }
    if (ring_is_set_up_) io_uring_queue_exit(&ring_);
    if (event_ >= 0) close(event_);
  }

  Status SetUp() {
    SEAWALL_RETURN_IF_ERROR(SetUpRing(static_cast<unsigned>(operations_.size()), &ring_));
    ring_is_set_up_ = true;
    return Status::Ok();
  }

  bool SetUpPollable() {
    const auto entries = static_cast<unsigned>(operations_.size());
    event_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (event_ < 0 || io_uring_queue_init(entries, &ring_, kPollableFlags) != 0) return false;
    ring_is_set_up_ = true;
    is_disabled_ = true;
    return io_uring_register_eventfd(&ring_, event_) == 0;
  }

  int descriptor() const override { return event_; }

  void Flush() override {
    Enable();
    while (io_uring_sq_ready(&ring_) > 0) {
      const int result = io_uring_submit(&ring_);
      SEAWALL_ASSERT(result >= 0 || IsTransient(result));
    }
  }

  // The event is taken back only when nothing is left, and given again when something came in
  // between.
  size_t Take(IoCompletion* completions, size_t max) override {
    eventfd_t events = 0;
    size_t count = Reap(completions, max);
    if (free_.size() == operations_.size()) {
      // Nothing is in flight, so nothing signals any more.
      eventfd_read(event_, &events);
    } else if (count == 0) {
      eventfd_read(event_, &events);
      count = Reap(completions, max);
      if (count > 0) eventfd_write(event_, 1);
    }
    Flush();
    return count;
  }

  uint32_t capacity() const override { return static_cast<uint32_t>(operations_.size()); }

  void SubmitWrite(File* file, uint64_t offset, const IoSlice* slices, int slice_count,
                   Durability durability, uint64_t tag) override {
    iovec vectors[kIoSlicesMax];
    for (int i = 0; i < slice_count; i++)
      vectors[i] = {const_cast<void*>(slices[i].data), slices[i].bytes};
    Operation* operation = TakeFree(Kind::kWrite, file, tag);
    operation->flags = durability == Durability::kDurable ? RWF_DSYNC : 0;
    operation->progress.emplace(offset, vectors, slice_count, operation->file->offset_alignment());
    Queue(operation);
  }

  void SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) override {
    iovec vector = {data, bytes};
    Operation* operation = TakeFree(Kind::kRead, file, tag);
    operation->progress.emplace(offset, &vector, 1, operation->file->offset_alignment());
    Queue(operation);
  }

  void SubmitSync(File* file, uint64_t tag) override { Queue(TakeFree(Kind::kSync, file, tag)); }

  size_t Wait(IoCompletion* completions, size_t max) override {
    SEAWALL_ASSERT(max > 0);
    size_t count = 0;
    while (count == 0 && free_.size() < operations_.size()) {
      Enter();
      count = Reap(completions, max);
    }
    return count;
  }

 private:
  enum class Kind : uint8_t { kWrite, kRead, kSync };
  struct Operation {
    Kind kind = Kind::kSync;
    PosixFile* file = nullptr;
    int flags = 0;
    int again_count = 0;
    uint64_t tag = 0;
    std::optional<TransferProgress> progress;  // not for a sync
  };
  // EAGAIN means that nothing was transferred; it is not worth poisoning a log for, but it must not
  // go on for ever.
  static constexpr int kAgainMax = 1000;

  Operation* TakeFree(Kind kind, File* file, uint64_t tag) {
    SEAWALL_ASSERT(!free_.empty());
    Operation* operation = free_.back();
    free_.pop_back();
    operation->kind = kind;
    operation->file = static_cast<PosixFile*>(file);
    operation->flags = 0;
    operation->again_count = 0;
    operation->tag = tag;
    operation->progress.reset();
    return operation;
  }

  void Queue(Operation* operation) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    // There are as many entries as operations.
    SEAWALL_ASSERT(entry != nullptr);
    const int descriptor = operation->file->descriptor();
    switch (operation->kind) {
      case Kind::kWrite:
        io_uring_prep_writev2(entry, descriptor, operation->progress->slices(),
                              static_cast<unsigned>(operation->progress->slice_count()),
                              operation->progress->offset(), operation->flags);
        break;
      case Kind::kRead:
        io_uring_prep_readv(entry, descriptor, operation->progress->slices(),
                            static_cast<unsigned>(operation->progress->slice_count()),
                            operation->progress->offset());
        break;
      case Kind::kSync:
        io_uring_prep_fsync(entry, descriptor, IORING_FSYNC_DATASYNC);
        break;
    }
    io_uring_sqe_set_data(entry, operation);
  }

  // Hands over what is queued and waits for one completion. A failing io_uring_enter leaves entries
  // unsubmitted and says nothing about those in flight, whose buffers the kernel still uses. Its
  // transient errors are tried again; there is no state in which to go on after any other one, so
  // it ends the process rather than guess.
  void Enter() {
    Enable();
    FileSizeSignalBlock signal_block;
    while (true) {
      const int result = io_uring_submit_and_wait(&ring_, 1);
      if (result >= 0) return;
      SEAWALL_ASSERT(IsTransient(result));
      if (io_uring_cq_ready(&ring_) > 0) return;
    }
  }

  void Enable() {
    if (is_disabled_) SEAWALL_ASSERT(io_uring_enable_rings(&ring_) == 0);
    is_disabled_ = false;
  }

  static bool IsTransient(int result) {
    return result == -EINTR || result == -EAGAIN || result == -EBUSY || result == -ENOMEM;
  }

  // What is complete already. Enters the kernel only where completions wait to be asked for.
  size_t Reap(IoCompletion* completions, size_t max) {
    size_t count = 0;
    io_uring_cqe* entry = nullptr;
    while (count < max && io_uring_peek_cqe(&ring_, &entry) == 0) {
      auto* operation = static_cast<Operation*>(io_uring_cqe_get_data(entry));
      const int result = entry->res;
      io_uring_cqe_seen(&ring_, entry);
      if (Finish(operation, result, &completions[count])) count += 1;
    }
    return count;
  }

  // True when the operation is complete; false when it was queued again for the rest.
  bool Finish(Operation* operation, int result, IoCompletion* completion) {
    Status status;
    if (operation->kind == Kind::kSync) {
      if (result < 0) status = Status::FromErrno(-result, "fdatasync", operation->file->path());
    } else {
      const char* name = operation->kind == Kind::kWrite ? "write" : "read";
      if (result == -EAGAIN && ++operation->again_count < kAgainMax) result = -EINTR;
      status = operation->progress->Take(result, name, operation->file->path());
      if (status.ok() && !operation->progress->done()) {
        Queue(operation);
        return false;
      }
    }
    *completion = {operation->tag, std::move(status)};
    free_.push_back(operation);
    return true;
  }

  io_uring ring_ = {};
  bool ring_is_set_up_ = false;
  bool is_disabled_ = false;           // pollable: its one user has not begun
  int event_ = -1;                     // pollable: eventfd that the ring signals
  std::vector<Operation> operations_;  // stable addresses: never resized
  std::vector<Operation*> free_;
};

}  // namespace

bool HasIoUring() { return true; }

Status ProbeIoUring() {
  io_uring ring = {};
  SEAWALL_RETURN_IF_ERROR(SetUpRing(2, &ring));
  Status status = TryRing(&ring);
  io_uring_queue_exit(&ring);
  return status;
}

Status NewUringQueue(uint32_t capacity, std::unique_ptr<IoQueue>* queue) {
  auto created = std::make_unique<UringQueue>(capacity);
  SEAWALL_RETURN_IF_ERROR(created->SetUp());
  *queue = std::move(created);
  return Status::Ok();
}

std::unique_ptr<PollableQueue> NewPollableUringQueue(uint32_t capacity) {
  auto created = std::make_unique<UringQueue>(capacity);
  if (!created->SetUpPollable()) return nullptr;
  return created;
}

}  // namespace seawall

#else

namespace seawall {

namespace {

Status NotBuiltIn() {
  return Status::Error(Code::kIoUringUnavailable, "this build was made without liburing");
}

}  // namespace

bool HasIoUring() { return false; }

Status ProbeIoUring() { return NotBuiltIn(); }

Status NewUringQueue(uint32_t, std::unique_ptr<IoQueue>*) { return NotBuiltIn(); }

std::unique_ptr<PollableQueue> NewPollableUringQueue(uint32_t) { return nullptr; }

}  // namespace seawall

#endif  // SEAWALL_HAVE_LIBURING

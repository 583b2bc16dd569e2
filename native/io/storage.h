// The contract between the log and whatever keeps its bytes: the only way native/log reaches a
// disk.
//
// PosixStorage (posix_storage.h) is the real one. Tests supply a simulated device behind the same
// contract, so it is small and says exactly what may be relied on:
//   - nothing is durable before a Sync (or a durable write) that was issued after the write
//   completed has itself
//     completed with success; completions arrive in any order; unsynced writes may survive in part,
//     in any mixture;
//   - created, renamed and removed names are durable only after SyncDirectory of their directory;
//   - an operation either transfers every byte asked for, or is an error. A short transfer is an
//   error; whoever
//     implements the contract may complete it by resubmitting, but never reports success before all
//     bytes are through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"

namespace seawall {

// What the file system wants of buffers, offsets and lengths. With direct == false any value works,
// but callers keep to the alignment all the same.
struct IoAlignment {
  uint32_t memory_bytes = 4096;
  uint32_t offset_bytes = 4096;
  bool direct = true;  // files are opened O_DIRECT
};

enum class Durability : uint8_t {
  kNone,     // handed to the device; volatile until a later sync
  kDurable,  // durable on completion: this write's own bytes, nothing else (RWF_DSYNC)
};

enum class OpenMode : uint8_t { kRead, kReadWrite, kCreateNew };

struct IoSlice {
  const void* data;
  size_t bytes;
};

inline constexpr int kIoSlicesMax = 3;

// One open file. Blocking calls; safe from several threads for disjoint ranges. Closed by the
// destructor.
class File {
 public:
  virtual ~File() = default;
  // `data`, `offset` and `bytes` are aligned as Storage::alignment() says. Reading beyond the end
  // of the file is an error (kIo).
  virtual Status ReadAt(uint64_t offset, void* data, size_t bytes) = 0;
  virtual Status WriteAt(uint64_t offset, const IoSlice* slices, int slice_count,
                         Durability durability) = 0;
  Status WriteAt(uint64_t offset, const void* data, size_t bytes, Durability durability) {
    const IoSlice slice = {data, bytes};
    return WriteAt(offset, &slice, 1, durability);
  }
  // fdatasync.
  virtual Status Sync() = 0;
  // Makes the file `bytes` long and reserves the space; the new bytes read as zeros. kNoSpace when
  // there is none.
  virtual Status Allocate(uint64_t bytes) = 0;
  virtual Status Size(uint64_t* bytes) = 0;
  // The descriptor, for queues of the same storage; -1 where there is none.
  virtual int descriptor() const = 0;
  virtual const std::string& path() const = 0;
};

struct IoCompletion {
  uint64_t tag;
  Status status;  // ok means: every byte
};

// Several operations in flight. Used by one thread at a time (callers lock). Buffers and files stay
// alive and unchanged until their completion was returned by Wait. Every submitted operation has
// exactly one completion.
class IoQueue {
 public:
  virtual ~IoQueue() = default;
  // Operations that may be in flight at once. Submitting more is a programming error.
  virtual uint32_t capacity() const = 0;
  virtual void SubmitWrite(File* file, uint64_t offset, const IoSlice* slices, int slice_count,
                           Durability durability, uint64_t tag) = 0;
  virtual void SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) = 0;
  // Covers the writes whose completion Wait returned before this call, and no others.
  virtual void SubmitSync(File* file, uint64_t tag) = 0;
  // Hands all submitted operations to the kernel and blocks until at least one is complete. Returns
  // how many entries of `completions` were filled; 0 only when nothing is in flight.
  virtual size_t Wait(IoCompletion* completions, size_t max) = 0;
};

// A queue for a thread with an event loop: but for Wait and the destructor nothing blocks. One
// thread uses it from the first submission to the destructor.
class PollableQueue : public IoQueue {
 public:
  // For poll, level-triggered: readable as long as Take may find something.
  virtual int descriptor() const = 0;
  // Hands all submitted operations to the kernel.
  virtual void Flush() = 0;
  // As Wait, and 0 also when nothing is complete yet.
  virtual size_t Take(IoCompletion* completions, size_t max) = 0;
};

// Released by the destructor.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class LockMode : uint8_t { kShared, kExclusive };

// A directory tree. Paths are full paths. Safe from several threads.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual const IoAlignment& alignment() const = 0;
  // "io_uring", "threads", or the name of a test device; and why it is not the first choice ("" if
  // it is).
  virtual const char* backend_name() const = 0;
  virtual const std::string& backend_reason() const = 0;

  // Mode 0700. Not an error when the directory is there already.
  virtual Status CreateDirectory(const std::string& path) = 0;
  // Names without "." and "..", in no order.
  virtual Status List(const std::string& directory, std::vector<std::string>* names) = 0;
  // Never follows a symbolic link in the last component. New files have mode 0600. kNotFound when
  // there is none.
  virtual Status Open(const std::string& path, OpenMode mode, std::unique_ptr<File>* file) = 0;
  // Replaces `to` when it exists. Same directory.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // Locks the file `path` (created if needed in kExclusive mode) against other processes and other
  // handles of this one. kLocked after a bounded number of tries.
  virtual Status Lock(const std::string& path, LockMode mode,
                      std::unique_ptr<DirectoryLock>* lock) = 0;
  virtual Status NewQueue(uint32_t capacity, std::unique_ptr<IoQueue>* queue) = 0;
  // Null where there is none: callers then wait on a thread of their own.
  virtual std::unique_ptr<PollableQueue> NewPollableQueue(uint32_t) { return nullptr; }
};

}  // namespace seawall

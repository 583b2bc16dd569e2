// Storage on a real file system.
#pragma once

#include <memory>
#include <string>

#include "io/storage.h"

namespace seawall {

enum class BackendChoice : uint8_t { kAuto, kIoUring, kThreads };
enum class DirectIo : uint8_t { kAuto, kRequire, kNever };

struct PosixStorageOptions {
  BackendChoice backend = BackendChoice::kAuto;
  DirectIo direct_io = DirectIo::kAuto;
};

// Ok when `path` is a directory. With `create`, makes it (mode 0700; the parent exists) and makes
// its name durable. kNotFound, kPermission, kNotALog (it is something else).
Status EnsureDirectory(const std::string& path, bool create);

// Chooses the backend and finds the alignment for files in `directory`, which exists. kAuto falls
// back from io_uring to threads, and from O_DIRECT to buffered I/O with the same syncs; kIoUring
// and kRequire fail instead (kIoUringUnavailable, kDirectIoUnavailable). The alignment is what
// statx reports, 4096 where it reports nothing.
Status NewPosixStorage(const std::string& directory, const PosixStorageOptions& options,
                       std::unique_ptr<Storage>* storage);

}  // namespace seawall

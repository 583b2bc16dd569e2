// One writer, or several readers, per log directory: against other processes by an
// open-file-description lock, against other handles of this process by a registry.
#pragma once

#include <memory>
#include <string>

#include "io/storage.h"

namespace seawall {

// Creates `path` in kExclusive mode when it is missing. kLocked at once when this process holds it;
// kLocked after about a second of tries when another process does, because the kernel keeps the
// lock of a killed process for as long as its io_uring still has work.
Status LockFile(const std::string& path, LockMode mode, std::unique_ptr<DirectoryLock>* lock);

}  // namespace seawall

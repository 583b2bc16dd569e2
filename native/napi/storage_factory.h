// Where the addon's logs keep their bytes. The addon that ships has posix_storage_factory.cc; the
// one for tests replaces that file by a simulated disk (simulation/addon).
#pragma once

#include <memory>
#include <string>

#include <napi.h>

#include "io/posix_storage.h"

namespace seawall::napi {

// The storage of the log in `directory`, which is made when `create`.
Status NewStorage(const std::string& directory, const PosixStorageOptions& options, bool create,
                  std::unique_ptr<Storage>* storage);

// Functions of the storage itself, if it has any.
void DefineStorageFunctions(Napi::Env env, Napi::Object exports);

}  // namespace seawall::napi

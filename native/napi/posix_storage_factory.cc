#include "napi/storage_factory.h"

namespace seawall::napi {

Status NewStorage(const std::string& directory, const PosixStorageOptions& options, bool create,
                  std::unique_ptr<Storage>* storage) {
  SEAWALL_RETURN_IF_ERROR(EnsureDirectory(directory, create));
  return NewPosixStorage(directory, options, storage);
}

void DefineStorageFunctions(Napi::Env, Napi::Object) {}

}  // namespace seawall::napi

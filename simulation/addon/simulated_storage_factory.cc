// The addon's storage for tests: a MemoryDisk for each directory, and functions to cut its power,
// to let it fail, and to damage it.
#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "napi/js_values.h"
#include "napi/storage_factory.h"
#include "stepped_execution.h"
#include "support/memory_storage.h"

namespace seawall::napi {

namespace {

using test::MemoryDisk;
using test::Operation;
using test::Survival;

// A disk, and when its power goes.
struct PoweredDisk {
  explicit PoweredDisk(std::shared_ptr<MemoryDisk> memory) : disk(std::move(memory)) {
    disk->before = [this](Operation operation, const std::string& path) {
      return Before(operation, path);
    };
  }

  // Operations that change something are counted. The one at which the power goes may still have
  // reached the disk in part; none after it does.
  Status Before(Operation operation, const std::string& path) {
    const bool changes = operation != Operation::kRead && operation != Operation::kOpen;
    if (changes) {
      const uint64_t number = changes_seen.fetch_add(1) + 1;
      if (number == power_ends_at) {
        disk->failed_writes_land = true;
        is_off = true;
        return Status::FromErrno(5, "power", path);
      }
    }
    if (is_off) {
      disk->failed_writes_land = false;
      return Status::FromErrno(5, "power", path);
    }
    if (operation == failing_operation && path.find(failing_path) != std::string::npos &&
        failures_left > 0 && failures_to_skip.fetch_sub(1) <= 0) {
      failures_left -= 1;
      return Status::FromErrno(failing_errno, "simulated", path);
    }
    return Status::Ok();
  }

  const std::shared_ptr<MemoryDisk> disk;
  std::atomic<uint64_t> changes_seen{0};
  std::atomic<uint64_t> power_ends_at{0};  // 0: never
  std::atomic<bool> is_off{false};
  Operation failing_operation = Operation::kRead;
  std::string failing_path;
  int failing_errno = 0;
  std::atomic<int64_t> failures_to_skip{0};
  std::atomic<int64_t> failures_left{0};
};

std::mutex g_mutex;
std::map<std::string, std::shared_ptr<PoweredDisk>>& Disks() {
  static auto* const disks = new std::map<std::string, std::shared_ptr<PoweredDisk>>();
  return *disks;
}

std::shared_ptr<PoweredDisk> DiskOf(const std::string& directory) {
  std::lock_guard<std::mutex> lock(g_mutex);
  std::shared_ptr<PoweredDisk>& disk = Disks()[directory];
  if (disk == nullptr) disk = std::make_shared<PoweredDisk>(std::make_shared<MemoryDisk>(1));
  return disk;
}

std::shared_ptr<PoweredDisk> DiskArgument(const Napi::CallbackInfo& info) {
  return DiskOf(info[0].As<Napi::String>());
}

// Kept to the end of the process: a storage that is still closing may use its disk when the test
// has gone on.
std::vector<std::shared_ptr<PoweredDisk>>& OldDisks() {
  static auto* const disks = new std::vector<std::shared_ptr<PoweredDisk>>();
  return *disks;
}

void Replace(const std::string& directory, std::shared_ptr<MemoryDisk> next) {
  auto powered = std::make_shared<PoweredDisk>(std::move(next));
  std::lock_guard<std::mutex> lock(g_mutex);
  std::shared_ptr<PoweredDisk>& disk = Disks()[directory];
  disk->is_off = true;
  OldDisks().push_back(disk);
  disk = std::move(powered);
}

// diskNew(directory, seed)
Napi::Value DiskNew(const Napi::CallbackInfo& info) {
  DiskArgument(info);
  Replace(info[0].As<Napi::String>(),
          std::make_shared<MemoryDisk>(static_cast<uint64_t>(NumberArgument(info, 1))));
  return info.Env().Undefined();
}

// diskForget(directory)
Napi::Value DiskForget(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> lock(g_mutex);
  const auto found = Disks().find(info[0].As<Napi::String>());
  if (found == Disks().end()) return info.Env().Undefined();
  OldDisks().push_back(found->second);
  Disks().erase(found);
  return info.Env().Undefined();
}

// diskPowerCut(directory, survival, seed): 0 nothing, 1 everything, 2 a random part of what was not
// synced survives
Napi::Value DiskPowerCut(const Napi::CallbackInfo& info) {
  const auto survival = static_cast<Survival>(NumberArgument(info, 1));
  const auto seed = static_cast<uint64_t>(NumberArgument(info, 2));
  const std::shared_ptr<PoweredDisk> disk = DiskArgument(info);
  disk->is_off = true;
  Replace(info[0].As<Napi::String>(), disk->disk->PowerCut(survival, seed));
  return info.Env().Undefined();
}

// diskKill(directory, seed): everything written is visible to the next open, and still volatile
Napi::Value DiskKill(const Napi::CallbackInfo& info) {
  const std::shared_ptr<PoweredDisk> disk = DiskArgument(info);
  disk->is_off = true;
  Replace(info[0].As<Napi::String>(),
          disk->disk->ProcessKill(static_cast<uint64_t>(NumberArgument(info, 1))));
  return info.Env().Undefined();
}

// diskEndPowerAfter(directory, changes): 0 never
Napi::Value DiskEndPowerAfter(const Napi::CallbackInfo& info) {
  const std::shared_ptr<PoweredDisk> disk = DiskArgument(info);
  const auto changes = static_cast<uint64_t>(NumberArgument(info, 1));
  disk->power_ends_at = changes == 0 ? 0 : disk->changes_seen + changes;
  return info.Env().Undefined();
}

// diskFail(directory, operation, path part, errno, times, skip)
Napi::Value DiskFail(const Napi::CallbackInfo& info) {
  const std::shared_ptr<PoweredDisk> disk = DiskArgument(info);
  disk->failures_left = 0;
  disk->failing_operation = static_cast<Operation>(NumberArgument(info, 1));
  disk->failing_path = info[2].As<Napi::String>();
  disk->failing_errno = static_cast<int>(NumberArgument(info, 3));
  disk->failures_to_skip = static_cast<int64_t>(NumberArgument(info, 5));
  disk->failures_left = static_cast<int64_t>(NumberArgument(info, 4));
  return info.Env().Undefined();
}

// diskState(directory) -> {changes, isOff, paths}
Napi::Value DiskState(const Napi::CallbackInfo& info) {
  const std::shared_ptr<PoweredDisk> disk = DiskArgument(info);
  Napi::Object state = Napi::Object::New(info.Env());
  state.Set("changes", static_cast<double>(disk->changes_seen.load()));
  state.Set("isOff", disk->is_off.load());
  const std::vector<std::string> paths = disk->disk->Paths();
  Napi::Array names = Napi::Array::New(info.Env(), paths.size());
  for (uint32_t i = 0; i < paths.size(); i++) names.Set(i, paths[i]);
  state.Set("paths", names);
  return state;
}

// diskBytes(directory, path) -> Buffer
Napi::Value DiskBytes(const Napi::CallbackInfo& info) {
  const std::vector<uint8_t> bytes = DiskArgument(info)->disk->Bytes(info[1].As<Napi::String>());
  return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes.data(), bytes.size());
}

// diskOverwrite(directory, path, offset, bytes): durable and visible
Napi::Value DiskOverwrite(const Napi::CallbackInfo& info) {
  const auto bytes = info[3].As<Napi::Uint8Array>();
  DiskArgument(info)->disk->Overwrite(info[1].As<Napi::String>(),
                                      static_cast<uint64_t>(NumberArgument(info, 2)),
                                      {bytes.Data(), bytes.Data() + bytes.ByteLength()});
  return info.Env().Undefined();
}

// diskLie(directory, lies): syncs report success and make nothing durable
Napi::Value DiskLie(const Napi::CallbackInfo& info) {
  DiskArgument(info)->disk->lying_sync = info[1].As<Napi::Boolean>().Value();
  return info.Env().Undefined();
}

}  // namespace

Status NewStorage(const std::string& directory, const PosixStorageOptions&, bool create,
                  std::unique_ptr<Storage>* storage) {
  *storage = test::NewMemoryStorage(DiskOf(directory)->disk);
  return create ? (*storage)->CreateDirectory(directory) : Status::Ok();
}

void DefineStorageFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("diskNew", Napi::Function::New<DiskNew>(env, "diskNew"));
  exports.Set("diskForget", Napi::Function::New<DiskForget>(env, "diskForget"));
  exports.Set("diskPowerCut", Napi::Function::New<DiskPowerCut>(env, "diskPowerCut"));
  exports.Set("diskKill", Napi::Function::New<DiskKill>(env, "diskKill"));
  exports.Set("diskEndPowerAfter",
              Napi::Function::New<DiskEndPowerAfter>(env, "diskEndPowerAfter"));
  exports.Set("diskFail", Napi::Function::New<DiskFail>(env, "diskFail"));
  exports.Set("diskState", Napi::Function::New<DiskState>(env, "diskState"));
  exports.Set("diskBytes", Napi::Function::New<DiskBytes>(env, "diskBytes"));
  exports.Set("diskOverwrite", Napi::Function::New<DiskOverwrite>(env, "diskOverwrite"));
  exports.Set("diskLie", Napi::Function::New<DiskLie>(env, "diskLie"));
  DefineStepperFunctions(env, exports);
}

}  // namespace seawall::napi

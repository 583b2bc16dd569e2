// The addon's storage for tests: a SimulatedDisk for each directory, and functions to cut its
// power, to let it fail, and to damage it.
#include <map>
#include <memory>
#include <mutex>

#include "device/simulated_storage.h"
#include "napi/js_values.h"
#include "napi/storage_factory.h"

namespace seawall::napi {

namespace {

using simulation::Operation;
using simulation::SimulatedDisk;
using simulation::Survival;

std::mutex g_mutex;
std::map<std::string, std::shared_ptr<SimulatedDisk>>& Disks() {
  static auto* const disks = new std::map<std::string, std::shared_ptr<SimulatedDisk>>();
  return *disks;
}

std::shared_ptr<SimulatedDisk> DiskOf(const std::string& directory) {
  std::lock_guard<std::mutex> lock(g_mutex);
  std::shared_ptr<SimulatedDisk>& disk = Disks()[directory];
  if (disk == nullptr) disk = std::make_shared<SimulatedDisk>();
  return disk;
}

std::shared_ptr<SimulatedDisk> DiskArgument(const Napi::CallbackInfo& info) {
  return DiskOf(info[0].As<Napi::String>());
}

// Kept to the end of the process: a storage that is still closing may use its disk when the test
// has gone on.
std::vector<std::shared_ptr<SimulatedDisk>>& OldDisks() {
  static auto* const disks = new std::vector<std::shared_ptr<SimulatedDisk>>();
  return *disks;
}

void Replace(const std::string& directory, std::shared_ptr<SimulatedDisk> next) {
  std::lock_guard<std::mutex> lock(g_mutex);
  std::shared_ptr<SimulatedDisk>& disk = Disks()[directory];
  disk->EndPower();
  OldDisks().push_back(disk);
  disk = std::move(next);
}

// diskNew(directory)
Napi::Value DiskNew(const Napi::CallbackInfo& info) {
  DiskArgument(info);
  Replace(info[0].As<Napi::String>(), std::make_shared<SimulatedDisk>());
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
  const std::shared_ptr<SimulatedDisk> disk = DiskArgument(info);
  disk->EndPower();
  Replace(info[0].As<Napi::String>(), disk->PowerCut(survival, seed));
  return info.Env().Undefined();
}

// diskKill(directory): everything written is visible to the next open, and still volatile
Napi::Value DiskKill(const Napi::CallbackInfo& info) {
  const std::shared_ptr<SimulatedDisk> disk = DiskArgument(info);
  disk->EndPower();
  Replace(info[0].As<Napi::String>(), disk->KillProcess());
  return info.Env().Undefined();
}

// diskEndPowerAfter(directory, changes): 0 never
Napi::Value DiskEndPowerAfter(const Napi::CallbackInfo& info) {
  const std::shared_ptr<SimulatedDisk> disk = DiskArgument(info);
  const auto changes = static_cast<uint64_t>(NumberArgument(info, 1));
  disk->EndPowerAfter(changes);
  return info.Env().Undefined();
}

// diskFail(directory, operation, path part, errno, times, skip)
Napi::Value DiskFail(const Napi::CallbackInfo& info) {
  const std::shared_ptr<SimulatedDisk> disk = DiskArgument(info);
  simulation::Fault fault;
  fault.operation = static_cast<Operation>(NumberArgument(info, 1));
  fault.path_part = info[2].As<Napi::String>();
  fault.sys_errno = static_cast<int>(NumberArgument(info, 3));
  fault.times = static_cast<uint64_t>(NumberArgument(info, 4));
  fault.skip = static_cast<uint64_t>(NumberArgument(info, 5));
  disk->SetFault(fault);
  return info.Env().Undefined();
}

// diskState(directory) -> {changes, isOff, paths}
Napi::Value DiskState(const Napi::CallbackInfo& info) {
  const std::shared_ptr<SimulatedDisk> disk = DiskArgument(info);
  Napi::Object state = Napi::Object::New(info.Env());
  state.Set("changes", static_cast<double>(disk->changes_seen()));
  state.Set("isOff", disk->is_off());
  const std::vector<std::string> paths = disk->Paths();
  Napi::Array names = Napi::Array::New(info.Env(), paths.size());
  for (uint32_t i = 0; i < paths.size(); i++) names.Set(i, paths[i]);
  state.Set("paths", names);
  return state;
}

// diskBytes(directory, path) -> Buffer
Napi::Value DiskBytes(const Napi::CallbackInfo& info) {
  const std::vector<uint8_t> bytes = DiskArgument(info)->Bytes(info[1].As<Napi::String>());
  return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes.data(), bytes.size());
}

// diskOverwrite(directory, path, offset, bytes): durable and visible
Napi::Value DiskOverwrite(const Napi::CallbackInfo& info) {
  const auto bytes = info[3].As<Napi::Uint8Array>();
  DiskArgument(info)->Overwrite(info[1].As<Napi::String>(),
                                static_cast<uint64_t>(NumberArgument(info, 2)),
                                {bytes.Data(), bytes.Data() + bytes.ByteLength()});
  return info.Env().Undefined();
}

// diskLie(directory, lies): syncs report success and make nothing durable
Napi::Value DiskLie(const Napi::CallbackInfo& info) {
  DiskArgument(info)->lying_sync = info[1].As<Napi::Boolean>().Value();
  return info.Env().Undefined();
}

}  // namespace

Status NewStorage(const std::string& directory, const PosixStorageOptions&, bool create,
                  std::unique_ptr<Storage>* storage) {
  *storage = simulation::NewSimulatedStorage(DiskOf(directory));
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
}

}  // namespace seawall::napi

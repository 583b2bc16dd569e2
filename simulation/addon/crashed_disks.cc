// The stepped addon's storage: simulated disks that remember what they held after each event, so
// that a crash can be tried at every one.
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device/simulated_disk.h"
#include "device/simulated_storage.h"
#include "napi/js_values.h"
#include "napi/storage_factory.h"
#include "stepped_execution.h"

namespace seawall::napi {

namespace {

using simulation::Choice;
using simulation::DeviceOptions;
using simulation::DiskImage;
using simulation::Fault;
using simulation::FaultEffect;
using simulation::ListedChoices;
using simulation::Operation;
using simulation::RandomChoices;
using simulation::SimulatedDisk;

constexpr size_t kOperationKinds = 8;

struct CrashedDisk {
  std::shared_ptr<SimulatedDisk> disk;
  std::shared_ptr<std::array<uint32_t, kOperationKinds>> operations;  // counted by kind
  std::shared_ptr<ListedChoices> choices;  // null for a disk that did not come out of a crash
  std::vector<DiskImage> images;           // since Record: before the first event, after each
};

// One JavaScript thread: no lock.
std::map<std::string, CrashedDisk>& Disks() {
  static auto* const disks = new std::map<std::string, CrashedDisk>();
  return *disks;
}

// Where directories that are opened lie.
std::string& Mounted() {
  static auto* const mounted = new std::string();
  return *mounted;
}

CrashedDisk& DiskArgument(const Napi::CallbackInfo& info, size_t index) {
  const auto found = Disks().find(info[index].As<Napi::String>());
  SEAWALL_ASSERT(found != Disks().end());
  return found->second;
}

uint32_t Field(const Napi::Object& object, const char* name) {
  return object.Get(name).ToNumber().Uint32Value();
}

// Counts what is asked of the disk from now on.
void Count(CrashedDisk* counted) {
  counted->operations = std::make_shared<std::array<uint32_t, kOperationKinds>>();
  counted->disk->before = [operations = counted->operations](Operation operation,
                                                             const std::string&) {
    (*operations)[static_cast<size_t>(operation)] += 1;
    return Status::Ok();
  };
}

// The disk of `name`, from the beginning.
CrashedDisk& Put(const std::string& name, std::shared_ptr<SimulatedDisk> disk) {
  CrashedDisk& put = Disks()[name];
  put = CrashedDisk();
  put.disk = std::move(disk);
  Count(&put);
  return put;
}

DeviceOptions OptionsOf(const Napi::Object& object) {
  DeviceOptions options;
  options.sector_bytes = options.physical_sector_bytes = Field(object, "sectorBytes");
  options.powersafe_overwrite = !object.Get("damagesNeighbours").ToBoolean().Value();
  if (!options.powersafe_overwrite) options.physical_sector_bytes = 4096;
  options.merges_adjacent_writes = object.Get("mergesWrites").ToBoolean().Value();
  options.shows_recycled_blocks = object.Get("showsRecycledBlocks").ToBoolean().Value();
  const std::string outcomes = object.Get("outcomes").As<Napi::String>();
  if (outcomes == "torn") options.outcomes = simulation::Outcomes::kTorn;
  if (outcomes == "sectors") options.outcomes = simulation::Outcomes::kSectors;
  return options;
}

// crashedNew(disk, parameters): DeviceParameters of crashed-disk.ts
Napi::Value New(const Napi::CallbackInfo& info) {
  const Napi::Object parameters = info[1].As<Napi::Object>();
  Put(info[0].As<Napi::String>(), std::make_shared<SimulatedDisk>(OptionsOf(parameters)));
  return info.Env().Undefined();
}

// crashedMount(disk): every directory that is opened from now on lies on it
Napi::Value Mount(const Napi::CallbackInfo& info) {
  DiskArgument(info, 0);
  Mounted() = info[0].As<Napi::String>();
  return info.Env().Undefined();
}

// crashedCopy(from, to): what another process finds on the same machine
Napi::Value Copy(const Napi::CallbackInfo& info) {
  const SimulatedDisk& from = *DiskArgument(info, 0).disk;
  CrashedDisk& to = Put(info[1].As<Napi::String>(), from.KillProcess());
  to.disk->lying_sync = from.lying_sync;
  return info.Env().Undefined();
}

// crashedRecord(disk): events count from now
Napi::Value Record(const Napi::CallbackInfo& info) {
  CrashedDisk& recorded = DiskArgument(info, 0);
  SimulatedDisk* const disk = recorded.disk.get();
  recorded.images.assign(1, disk->Snapshot());
  // std::map keeps its values where they are.
  disk->observer = [images = &recorded.images, disk](const simulation::DeviceEvent&) {
    images->push_back(disk->Snapshot());
  };
  return info.Env().Undefined();
}

// crashedEvents(disk) -> number
Napi::Value Events(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           static_cast<double>(DiskArgument(info, 0).images.size()) - 1);
}

DiskImage ImageAfter(const CrashedDisk& disk, size_t event, bool is_kill) {
  SEAWALL_ASSERT(event < disk.images.size());
  DiskImage image = disk.images[event];
  if (is_kill) {
    image.KillProcess(disk.disk->options());
  } else {
    image.CutPower(disk.disk->options());
  }
  return image;
}

// crashedHash(disk, event, isKill) -> text: the same for images that no recovery can tell apart
Napi::Value Hash(const Napi::CallbackInfo& info) {
  const DiskImage image =
      ImageAfter(DiskArgument(info, 0), static_cast<size_t>(NumberArgument(info, 1)),
                 info[2].As<Napi::Boolean>().Value());
  return Napi::String::New(info.Env(), std::to_string(image.Hash()));
}

// crashedAt(from, event, isKill, picks, to)
Napi::Value At(const Napi::CallbackInfo& info) {
  const CrashedDisk& from = DiskArgument(info, 0);
  DiskImage image = ImageAfter(from, static_cast<size_t>(NumberArgument(info, 1)),
                               info[2].As<Napi::Boolean>().Value());
  const Napi::Array list = info[3].As<Napi::Array>();
  std::vector<uint32_t> picks(list.Length());
  for (uint32_t i = 0; i < list.Length(); i++) picks[i] = list.Get(i).ToNumber().Uint32Value();
  const auto choices = std::make_shared<ListedChoices>(std::move(picks));
  const bool lies = from.disk->lying_sync;
  CrashedDisk& to =
      Put(info[4].As<Napi::String>(),
          std::make_shared<SimulatedDisk>(std::move(image), from.disk->options(), choices));
  to.disk->lying_sync = lies;
  to.choices = choices;
  return info.Env().Undefined();
}

// crashedNow(from, isKill, seed, to): faults end with the crash
Napi::Value Now(const Napi::CallbackInfo& info) {
  const SimulatedDisk& from = *DiskArgument(info, 0).disk;
  DiskImage image = from.Snapshot();
  if (info[1].As<Napi::Boolean>().Value()) {
    image.KillProcess(from.options());
  } else {
    image.CutPower(from.options());
  }
  const auto choices =
      std::make_shared<RandomChoices>(static_cast<uint64_t>(NumberArgument(info, 2)));
  Put(info[3].As<Napi::String>(),
      std::make_shared<SimulatedDisk>(std::move(image), from.options(), choices));
  return info.Env().Undefined();
}

// crashedFault(disk, {operation, path, effect, errno, skip, every, times, amount})
Napi::Value AddFault(const Napi::CallbackInfo& info) {
  const Napi::Object object = info[1].As<Napi::Object>();
  Fault fault;
  fault.operation = static_cast<Operation>(Field(object, "operation"));
  fault.path_part = object.Get("path").As<Napi::String>();
  fault.effect = static_cast<FaultEffect>(Field(object, "effect"));
  fault.sys_errno = static_cast<int>(Field(object, "errno"));
  fault.skip = Field(object, "skip");
  fault.every = Field(object, "every");
  const uint32_t times = Field(object, "times");
  fault.times = times == 0 ? Fault::kAlways : times;
  fault.amount = Field(object, "amount");
  DiskArgument(info, 0).disk->AddFault(fault);
  return info.Env().Undefined();
}

// crashedClearFaults(disk): those that have not come to pass never will
Napi::Value ClearFaults(const Napi::CallbackInfo& info) {
  DiskArgument(info, 0).disk->ClearFaults();
  return info.Env().Undefined();
}

// crashedHits(disk) -> how often any fault hit
Napi::Value Hits(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           static_cast<double>(DiskArgument(info, 0).disk->fault_hits()));
}

// crashedOperations(disk) -> Uint32Array by kind
Napi::Value Operations(const Napi::CallbackInfo& info) {
  const auto& counts = *DiskArgument(info, 0).operations;
  Napi::Uint32Array table = Napi::Uint32Array::New(info.Env(), counts.size());
  for (size_t i = 0; i < counts.size(); i++) table[i] = counts[i];
  return table;
}

// crashedLie(disk): syncs report success from now on and do nothing
Napi::Value Lie(const Napi::CallbackInfo& info) {
  DiskArgument(info, 0).disk->lying_sync = true;
  return info.Env().Undefined();
}

// crashedReorder(disk, seed): writes and reads in flight together complete in any order
Napi::Value Reorder(const Napi::CallbackInfo& info) {
  DiskArgument(info, 0).disk->completion_order =
      std::make_shared<RandomChoices>(static_cast<uint64_t>(NumberArgument(info, 1)));
  return info.Env().Undefined();
}

// crashedEndPowerAfter(disk, changes)
Napi::Value EndPowerAfter(const Napi::CallbackInfo& info) {
  DiskArgument(info, 0).disk->EndPowerAfter(static_cast<uint64_t>(NumberArgument(info, 1)));
  return info.Env().Undefined();
}

// crashedIsOff(disk) -> boolean
Napi::Value IsOff(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), DiskArgument(info, 0).disk->is_off());
}

// crashedPaths(disk) -> names of files
Napi::Value Paths(const Napi::CallbackInfo& info) {
  const std::vector<std::string> paths = DiskArgument(info, 0).disk->Paths();
  Napi::Array names = Napi::Array::New(info.Env(), paths.size());
  for (uint32_t i = 0; i < paths.size(); i++) names.Set(i, paths[i]);
  return names;
}

// crashedBytes(disk, path) -> Buffer
Napi::Value Bytes(const Napi::CallbackInfo& info) {
  const std::vector<uint8_t> bytes = DiskArgument(info, 0).disk->Bytes(info[1].As<Napi::String>());
  return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes.data(), bytes.size());
}

// crashedFlipBit(disk, path, offset, bit): durable, and seen by everyone
Napi::Value FlipBit(const Napi::CallbackInfo& info) {
  DiskArgument(info, 0).disk->FlipBit(info[1].As<Napi::String>(),
                                      static_cast<uint64_t>(NumberArgument(info, 2)),
                                      static_cast<int>(NumberArgument(info, 3)));
  return info.Env().Undefined();
}

// crashedMakeUnreadable(disk, path, offset): the sector there
Napi::Value MakeUnreadable(const Napi::CallbackInfo& info) {
  DiskArgument(info, 0).disk->MakeUnreadable(info[1].As<Napi::String>(),
                                             static_cast<uint64_t>(NumberArgument(info, 2)));
  return info.Env().Undefined();
}

// crashedTrace(disk) -> Uint32Array of what was picked, and of how many, in turn
Napi::Value Trace(const Napi::CallbackInfo& info) {
  const std::vector<Choice>& trace = DiskArgument(info, 0).choices->trace();
  Napi::Uint32Array table = Napi::Uint32Array::New(info.Env(), 2 * trace.size());
  for (size_t i = 0; i < trace.size(); i++) {
    table[2 * i] = trace[i].chosen;
    table[2 * i + 1] = trace[i].count;
  }
  return table;
}

// crashedUndecided(disk) -> blocks that nobody has looked at
Napi::Value Undecided(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), DiskArgument(info, 0).disk->undecided_blocks());
}

// crashedForget(disk)
Napi::Value Forget(const Napi::CallbackInfo& info) {
  Disks().erase(info[0].As<Napi::String>());
  return info.Env().Undefined();
}

}  // namespace

Status NewStorage(const std::string& directory, const PosixStorageOptions&, bool create,
                  std::unique_ptr<Storage>* storage) {
  CrashedDisk& disk = Disks()[Mounted()];
  if (disk.disk == nullptr) Put(Mounted(), std::make_shared<SimulatedDisk>());
  *storage = simulation::NewSimulatedStorage(disk.disk);
  return create ? (*storage)->CreateDirectory(directory) : Status::Ok();
}

void DefineStorageFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("crashedNew", Napi::Function::New<New>(env, "crashedNew"));
  exports.Set("crashedMount", Napi::Function::New<Mount>(env, "crashedMount"));
  exports.Set("crashedCopy", Napi::Function::New<Copy>(env, "crashedCopy"));
  exports.Set("crashedRecord", Napi::Function::New<Record>(env, "crashedRecord"));
  exports.Set("crashedEvents", Napi::Function::New<Events>(env, "crashedEvents"));
  exports.Set("crashedHash", Napi::Function::New<Hash>(env, "crashedHash"));
  exports.Set("crashedAt", Napi::Function::New<At>(env, "crashedAt"));
  exports.Set("crashedTrace", Napi::Function::New<Trace>(env, "crashedTrace"));
  exports.Set("crashedUndecided", Napi::Function::New<Undecided>(env, "crashedUndecided"));
  exports.Set("crashedNow", Napi::Function::New<Now>(env, "crashedNow"));
  exports.Set("crashedFault", Napi::Function::New<AddFault>(env, "crashedFault"));
  exports.Set("crashedClearFaults", Napi::Function::New<ClearFaults>(env, "crashedClearFaults"));
  exports.Set("crashedHits", Napi::Function::New<Hits>(env, "crashedHits"));
  exports.Set("crashedOperations", Napi::Function::New<Operations>(env, "crashedOperations"));
  exports.Set("crashedLie", Napi::Function::New<Lie>(env, "crashedLie"));
  exports.Set("crashedReorder", Napi::Function::New<Reorder>(env, "crashedReorder"));
  exports.Set("crashedEndPowerAfter",
              Napi::Function::New<EndPowerAfter>(env, "crashedEndPowerAfter"));
  exports.Set("crashedIsOff", Napi::Function::New<IsOff>(env, "crashedIsOff"));
  exports.Set("crashedPaths", Napi::Function::New<Paths>(env, "crashedPaths"));
  exports.Set("crashedBytes", Napi::Function::New<Bytes>(env, "crashedBytes"));
  exports.Set("crashedFlipBit", Napi::Function::New<FlipBit>(env, "crashedFlipBit"));
  exports.Set("crashedMakeUnreadable",
              Napi::Function::New<MakeUnreadable>(env, "crashedMakeUnreadable"));
  exports.Set("crashedForget", Napi::Function::New<Forget>(env, "crashedForget"));
  DefineStepperFunctions(env, exports);
}

}  // namespace seawall::napi

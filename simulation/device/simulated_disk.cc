#include "device/simulated_disk.h"

#include <algorithm>
#include <cerrno>

namespace seawall::simulation {

namespace {

bool Changes(Operation operation) {
  return operation != Operation::kRead && operation != Operation::kOpen;
}

bool IsInside(const DeviceWrite& write, const FileImage& file) {
  const uint64_t blocks = file.bytes() / kBlockBytes;
  return write.first_block < blocks && write.blocks.size() <= blocks - write.first_block;
}

constexpr int kPowerErrno = EIO;

}  // namespace

SimulatedDisk::SimulatedDisk(DiskImage image, const DeviceOptions& options,
                             std::shared_ptr<Choices> choices)
    : options_(options), image_(std::move(image)), choices_(std::move(choices)) {}

std::shared_ptr<SimulatedDisk> SimulatedDisk::Restarted(DiskImage image,
                                                        const DeviceOptions& options,
                                                        std::shared_ptr<Choices> choices) {
  image.Restart(choices.get());
  return std::make_shared<SimulatedDisk>(std::move(image), options, std::move(choices));
}

// --- faults ---

SimulatedDisk::Verdict SimulatedDisk::AskPowerAndFaults(Operation operation,
                                                        const std::string& path,
                                                        bool is_durable_write) {
  std::lock_guard<std::mutex> lock(mutex_);
  operations_ += 1;
  std::erase_if(late_syncs_, [&](const LateSync& late) {
    if (late.due > operations_) return false;
    image_.ChangeFile(late.file)->Sync(late.covers);
    return true;
  });
  Verdict verdict;
  if (is_off_) {
    verdict.status = Status::FromErrno(kPowerErrno, "power", path);
    verdict.effect = FaultEffect::kFail;
    return verdict;
  }
  if (Changes(operation)) {
    changes_seen_ += 1;
    if (changes_seen_ == power_ends_at_) {
      is_off_ = true;
      verdict.status = Status::FromErrno(kPowerErrno, "power", path);
      // The write may have got as far as the cache.
      verdict.effect = operation == Operation::kWrite ? FaultEffect::kFailDone : FaultEffect::kFail;
      return verdict;
    }
  }
  if (faults_.empty()) return verdict;
  const Fault* fault = faults_.Hit(operation, path, is_durable_write);
  if (fault == nullptr) return verdict;
  verdict.effect = fault->effect;
  verdict.amount = fault->amount;
  verdict.is_lying_sync = fault->operation == Operation::kSync && operation == Operation::kWrite;
  const bool fails =
      fault->effect == FaultEffect::kFail || fault->effect == FaultEffect::kFailDone ||
      fault->effect == FaultEffect::kFailInPart || fault->effect == FaultEffect::kFailLosing;
  if (fails) {
    // As native/io says it of a real file.
    verdict.status = fault->sys_errno == 0 ? Status::Error(Code::kIo, path + ": ended short")
                                           : Status::FromErrno(fault->sys_errno, "simulated", path);
  }
  return verdict;
}

SimulatedDisk::Verdict SimulatedDisk::Ask(Operation operation, const std::string& path,
                                          bool is_durable_write) {
  if (before) {
    Status status = before(operation, path);
    if (!status.ok()) {
      const bool lands = operation == Operation::kWrite && failed_writes_land && !is_off();
      return {std::move(status), lands ? FaultEffect::kFailDone : FaultEffect::kFail, 0, false};
    }
  }
  return AskPowerAndFaults(operation, path, is_durable_write);
}

void SimulatedDisk::Announce(EventKind kind, const std::string& path, uint64_t offset,
                             uint64_t bytes) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    events_ += 1;
  }
  if (observer) observer({kind, path, offset, bytes});
}

void SimulatedDisk::AddFault(const Fault& fault) {
  std::lock_guard<std::mutex> lock(mutex_);
  faults_.Add(fault);
}

void SimulatedDisk::SetFault(const Fault& fault) {
  std::lock_guard<std::mutex> lock(mutex_);
  faults_.Clear();
  faults_.Add(fault);
}

void SimulatedDisk::ClearFaults() {
  std::lock_guard<std::mutex> lock(mutex_);
  faults_.Clear();
}

uint64_t SimulatedDisk::fault_hits() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return faults_.hits();
}

void SimulatedDisk::EndPowerAfter(uint64_t changes) {
  std::lock_guard<std::mutex> lock(mutex_);
  power_ends_at_ = changes == 0 ? 0 : changes_seen_ + changes;
}

void SimulatedDisk::EndPower() {
  std::lock_guard<std::mutex> lock(mutex_);
  is_off_ = true;
}

bool SimulatedDisk::is_off() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return is_off_;
}

uint64_t SimulatedDisk::changes_seen() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return changes_seen_;
}

uint64_t SimulatedDisk::events() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return events_;
}

// --- files ---

Status SimulatedDisk::Open(const std::string& path, OpenMode mode, FileId* file) {
  const Verdict verdict = Ask(Operation::kOpen, path);
  SEAWALL_RETURN_IF_ERROR(verdict.status);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    *file = image_.names().Find(path);
    const bool exists = *file != kNoFile;
    if (exists && *file == kIsDirectory) return Status::FromErrno(EISDIR, "open", path);
    if (mode != OpenMode::kCreateNew)
      return exists ? Status::Ok() : Status::FromErrno(ENOENT, "open", path);
    if (exists) return Status::FromErrno(EEXIST, "open", path);
    *file = image_.NewFile();
    image_.ChangeNames()->Create(path, *file);
  }
  Announce(EventKind::kCreated, path);
  return Status::Ok();
}

Status SimulatedDisk::Read(FileId file, const std::string& path, uint64_t offset, uint8_t* data,
                           size_t bytes) {
  const Verdict verdict = Ask(Operation::kRead, path);
  SEAWALL_RETURN_IF_ERROR(verdict.status);
  std::lock_guard<std::mutex> lock(mutex_);
  counters.reads += 1;
  if (verdict.effect == FaultEffect::kStale) {
    image_.file(file).ReadStale(offset, data, bytes);
    return Status::Ok();
  }
  if (bytes > 0 && image_.file(file).NeedsDecision(offset, bytes))
    image_.ChangeFile(file)->Decide(offset, bytes, options_, choices_.get());
  return image_.file(file).Read(offset, data, bytes, path);
}

uint64_t SimulatedDisk::IssueWrite(FileId file, const std::string& path,
                                   std::shared_ptr<const DeviceWrite> write) {
  uint64_t id = 0;
  const uint64_t offset = write->offset;
  const uint64_t bytes = write->bytes;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (is_off_) return 0;
    id = next_write_id_++;
    image_.Issue({id, file, std::move(write)});
  }
  Announce(EventKind::kWriteIssued, path, offset, bytes);
  return id;
}

void SimulatedDisk::ReplaceInFlight(uint64_t id, FileId file,
                                    std::shared_ptr<const DeviceWrite> write) {
  std::lock_guard<std::mutex> lock(mutex_);
  image_.EndFlight(id);
  if (!is_off_) image_.Issue({id, file, std::move(write)});
}

Status SimulatedDisk::CompleteWrite(uint64_t id, FileId file, const std::string& path,
                                    const std::shared_ptr<const DeviceWrite>& write,
                                    Durability durability) {
  const bool is_durable = durability == Durability::kDurable;
  Verdict verdict = Ask(Operation::kWrite, path, is_durable);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    image_.EndFlight(id);
    DeviceWrite changed;
    const DeviceWrite* landing = write.get();
    Durability kept = durability;
    switch (verdict.effect) {
      case FaultEffect::kFail:
      case FaultEffect::kFailLosing:
        landing = nullptr;
        break;
      case FaultEffect::kLose:
      case FaultEffect::kSyncLate: {
        // A lost write is gone; a lying flush only leaves it in the cache.
        const bool is_lost = verdict.effect == FaultEffect::kLose && !verdict.is_lying_sync;
        if (is_lost) landing = nullptr;
        kept = Durability::kNone;
        break;
      }
      case FaultEffect::kFailInPart:
        changed = write->Prefix(verdict.amount);
        landing = &changed;
        kept = Durability::kNone;
        break;
      case FaultEffect::kMisdirect:
        changed = *write;
        changed.first_block += verdict.amount;
        changed.offset += verdict.amount * kBlockBytes;
        // Outside the file it hits something that is nobody's here.
        landing = IsInside(changed, image_.file(file)) ? &changed : nullptr;
        break;
      case FaultEffect::kFailDone:
        kept = Durability::kNone;
        break;
      default:
        break;
    }
    if (lying_sync) kept = Durability::kNone;
    if (landing != nullptr) {
      image_.ChangeFile(file)->Write(*landing, kept, image_.NextSequence(), options_,
                                     choices_.get());
    }
    if (verdict.effect == FaultEffect::kSyncLate) SyncLater(file, UINT64_MAX, verdict.amount);
    if (verdict.status.ok()) {
      counters.writes += 1;
      counters.write_bytes += write->bytes;
    }
  }
  Announce(EventKind::kWriteCompleted, path, write->offset, write->bytes);
  return std::move(verdict.status);
}

void SimulatedDisk::SyncLater(FileId file, uint64_t covers, uint64_t operations) {
  if (covers == UINT64_MAX) covers = image_.NextSequence();
  late_syncs_.push_back({operations_ + operations, file, covers});
}

uint64_t SimulatedDisk::IssueSync(const std::string& path) {
  uint64_t covers = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    covers = image_.NextSequence();
  }
  Announce(EventKind::kSyncIssued, path);
  return covers;
}

Status SimulatedDisk::CompleteSync(FileId file, const std::string& path, uint64_t covers) {
  Verdict verdict = Ask(Operation::kSync, path);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (verdict.status.ok()) counters.syncs += 1;
    const bool does_nothing =
        lying_sync || verdict.effect == FaultEffect::kFail || verdict.effect == FaultEffect::kLose;
    if (verdict.effect == FaultEffect::kSyncLate) {
      SyncLater(file, covers, verdict.amount);
    } else if (verdict.effect == FaultEffect::kFailLosing) {
      image_.ChangeFile(file)->Lose(covers);
    } else if (verdict.effect == FaultEffect::kSyncInPart) {
      image_.ChangeFile(file)->SyncBlocksBelow(verdict.amount, covers);
    } else if (!does_nothing) {
      image_.ChangeFile(file)->Sync(covers);
    }
  }
  Announce(EventKind::kSyncCompleted, path);
  return std::move(verdict.status);
}

uint64_t SimulatedDisk::UsedBytes() const {
  uint64_t used = 0;
  for (const auto& [path, file] : image_.names().visible())
    if (file != kIsDirectory) used += image_.file(file).bytes();
  return used;
}

Status SimulatedDisk::Allocate(FileId file, const std::string& path, uint64_t bytes) {
  const Verdict verdict = Ask(Operation::kAllocate, path);
  SEAWALL_RETURN_IF_ERROR(verdict.status);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (capacity_bytes != UINT64_MAX &&
        UsedBytes() - image_.file(file).bytes() + bytes > capacity_bytes)
      return Status::FromErrno(ENOSPC, "fallocate", path);
    image_.ChangeFile(file)->Resize(bytes);
  }
  Announce(EventKind::kAllocated, path);
  return Status::Ok();
}

uint64_t SimulatedDisk::SizeOf(FileId file) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return image_.file(file).bytes();
}

// --- names ---

Status SimulatedDisk::Rename(const std::string& from, const std::string& to) {
  Verdict verdict = Ask(Operation::kRename, from);
  if (verdict.effect == FaultEffect::kFail) return std::move(verdict.status);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (image_.names().Find(from) == kNoFile) return Status::FromErrno(ENOENT, "rename", from);
    const FileId replaced = image_.names().Find(to);
    if (replaced != kNoFile) image_.RememberRemoved(replaced);
    image_.ChangeNames()->Rename(from, to);
  }
  Announce(EventKind::kRenamed, to);
  return std::move(verdict.status);
}

Status SimulatedDisk::Remove(const std::string& path) {
  Verdict verdict = Ask(Operation::kRemove, path);
  if (verdict.effect == FaultEffect::kFail) return std::move(verdict.status);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const FileId file = image_.names().Find(path);
    if (file == kNoFile) return Status::FromErrno(ENOENT, "unlink", path);
    image_.RememberRemoved(file);
    image_.ChangeNames()->Remove(path);
  }
  Announce(EventKind::kRemoved, path);
  return std::move(verdict.status);
}

Status SimulatedDisk::SyncDirectory(const std::string& path) {
  Verdict verdict = Ask(Operation::kSyncDirectory, path);
  const bool does_nothing =
      verdict.effect == FaultEffect::kFail || verdict.effect == FaultEffect::kLose;
  if (!does_nothing) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (image_.names().has_volatile_changes()) image_.ChangeNames()->SyncDirectory(path);
  }
  Announce(EventKind::kDirectorySynced, path);
  return std::move(verdict.status);
}

void SimulatedDisk::CreateDirectory(const std::string& path) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    image_.ChangeNames()->CreateDirectory(path);
  }
  Announce(EventKind::kCreated, path);
}

void SimulatedDisk::List(const std::string& directory, std::vector<std::string>* names) const {
  std::lock_guard<std::mutex> lock(mutex_);
  names->clear();
  const std::string prefix = directory + "/";
  for (const auto& [path, file] : image_.names().visible()) {
    if (path.compare(0, prefix.size(), prefix) == 0 &&
        path.find('/', prefix.size()) == std::string::npos)
      names->push_back(path.substr(prefix.size()));
  }
}

Status SimulatedDisk::Lock(const std::string& path, LockMode mode) {
  std::lock_guard<std::mutex> lock(mutex_);
  // What the file of a lock is after a crash does not matter to anyone.
  if (image_.names().Find(path) == kNoFile) {
    const FileId file = image_.NewFile();
    image_.ChangeNames()->Put(path, file);
  }
  int& holders = locks_[path];
  const bool is_free = mode == LockMode::kExclusive ? holders == 0 : holders >= 0;
  if (!is_free) return Status::Error(Code::kLocked, "held").WithPath(path);
  holders = mode == LockMode::kExclusive ? -1 : holders + 1;
  return Status::Ok();
}

void SimulatedDisk::Unlock(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  locks_[path] -= locks_[path] > 0 ? 1 : -1;
}

}  // namespace seawall::simulation

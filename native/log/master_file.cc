#include "log/master_file.h"

#include "base/align.h"
#include "base/bytes.h"

namespace seawall {

namespace {

constexpr uint64_t kFileBytes = layout::master_slot_stride_bytes + layout::master_slot_bytes;

uint64_t SlotOffset(uint64_t sequence) { return (sequence % 2) * layout::master_slot_stride_bytes; }

std::string MasterPath(const std::string& directory) { return directory + "/master"; }

// Direct I/O may ask for more than a slot; whole units of it are read and written.
size_t SlotIoBytes(const IoAlignment& alignment) {
  return AlignUp(layout::master_slot_bytes, alignment.offset_bytes);
}

// Power that goes during the write of a slot may leave it unreadable. It is damaged then, like any
// other half-written one; the other slot is still whole.
Status ReadSlot(File* file, uint64_t offset, uint8_t* slot) {
  Status status = file->ReadAt(offset, slot, layout::master_slot_bytes);
  if (!status.IsLostBytes()) return status;
  ZeroBytes(slot, layout::master_slot_bytes);
  return Status::Ok();
}

}  // namespace

MasterFile::MasterFile(std::unique_ptr<File> file, const MasterFields& fields, size_t alignment)
    : file_(std::move(file)), slot_(layout::master_slot_bytes, alignment), fields_(fields) {}

Status MasterFile::Create(Storage* storage, const std::string& directory,
                          const MasterFields& fields, std::unique_ptr<MasterFile>* master) {
  SEAWALL_ASSERT(fields.sequence % 2 == 0);
  const std::string path = MasterPath(directory);
  const std::string temporary = path + ".tmp";
  Status removed = storage->Remove(temporary);
  if (!removed.ok() && removed.code() != Code::kNotFound) return removed;
  std::unique_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(storage->Open(temporary, OpenMode::kCreateNew, &file));
  SEAWALL_RETURN_IF_ERROR(file->Allocate(kFileBytes));
  AlignedBuffer zeros(kFileBytes, storage->alignment().memory_bytes);
  EncodeMasterSlot(fields, zeros.data() + SlotOffset(fields.sequence));
  SEAWALL_RETURN_IF_ERROR(file->WriteAt(0, zeros.data(), kFileBytes, Durability::kNone));
  SEAWALL_RETURN_IF_ERROR(file->Sync());
  file.reset();
  SEAWALL_RETURN_IF_ERROR(storage->Rename(temporary, path));
  SEAWALL_RETURN_IF_ERROR(storage->SyncDirectory(directory));
  return Open(storage, directory, OpenMode::kReadWrite, master);
}

Status MasterFile::Open(Storage* storage, const std::string& directory, OpenMode mode,
                        std::unique_ptr<MasterFile>* master) {
  const std::string path = MasterPath(directory);
  SEAWALL_ASSERT(SlotIoBytes(storage->alignment()) == layout::master_slot_bytes);
  std::unique_ptr<File> file;
  SEAWALL_RETURN_IF_ERROR(storage->Open(path, mode, &file));
  AlignedBuffer slots;
  SEAWALL_RETURN_IF_ERROR(ReadSlots(storage, file.get(), &slots));
  MasterFields fields;
  SEAWALL_RETURN_IF_ERROR(
      ChooseMasterSlot(slots.data(), slots.data() + layout::master_slot_bytes, path, &fields));
  master->reset(new MasterFile(std::move(file), fields, storage->alignment().memory_bytes));
  return Status::Ok();
}

Status MasterFile::ReadSlots(Storage* storage, File* file, AlignedBuffer* slots) {
  uint64_t bytes = 0;
  SEAWALL_RETURN_IF_ERROR(file->Size(&bytes));
  if (bytes != kFileBytes) {
    return Status::Error(Code::kCorruptLog, "the master file has the wrong size")
        .WithPath(file->path());
  }
  *slots = AlignedBuffer(2 * layout::master_slot_bytes, storage->alignment().memory_bytes);
  SEAWALL_RETURN_IF_ERROR(ReadSlot(file, SlotOffset(0), slots->data()));
  return ReadSlot(file, SlotOffset(1), slots->data() + layout::master_slot_bytes);
}

MasterFields MasterFile::fields() const {
  std::lock_guard<std::mutex> lock(fields_mutex_);
  return fields_;
}

Lsn MasterFile::promise_lsn() const {
  std::lock_guard<std::mutex> lock(fields_mutex_);
  return fields_.promise_lsn;
}

uint64_t MasterFile::writes() const {
  std::lock_guard<std::mutex> lock(fields_mutex_);
  return writes_;
}

Status MasterFile::Update(const std::function<void(MasterFields*)>& change) {
  std::lock_guard<std::mutex> update_lock(update_mutex_);
  const MasterFields current = fields();
  MasterFields next = current;
  change(&next);
  // A promise may not be taken back, and the log identity may not change under a running log.
  SEAWALL_ASSERT(next.promise_lsn >= current.promise_lsn && next.oldest_lsn >= current.oldest_lsn);
  SEAWALL_ASSERT(next.incarnation >= current.incarnation && next.log_id == current.log_id);
  next.sequence = current.sequence + 1;
  EncodeMasterSlot(next, slot_.data());
  SEAWALL_RETURN_IF_ERROR(file_->WriteAt(SlotOffset(next.sequence), slot_.data(),
                                         layout::master_slot_bytes, Durability::kNone));
  SEAWALL_RETURN_IF_ERROR(file_->Sync());
  std::lock_guard<std::mutex> fields_lock(fields_mutex_);
  fields_ = next;
  writes_ += 1;
  return Status::Ok();
}

}  // namespace seawall

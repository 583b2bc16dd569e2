// MasterFile: reads and replaces the master record. The old record stays whole until the new one is
// durable.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "format/master_record.h"
#include "io/aligned_buffer.h"
#include "io/storage.h"

namespace seawall {

class MasterFile {
 public:
  // Creates the file with `fields` in its first slot: complete under a temporary name, then
  // renamed, then the directory is synced. A crash leaves either no master file or a whole one.
  static Status Create(Storage* storage, const std::string& directory, const MasterFields& fields,
                       std::unique_ptr<MasterFile>* master);
  // Opens and reads it. kNotFound when there is none.
  static Status Open(Storage* storage, const std::string& directory, OpenMode mode,
                     std::unique_ptr<MasterFile>* master);

  // Both slots in a row, as they are; what the medium has lost reads as zeros. kCorruptLog when the
  // file has the wrong size.
  static Status ReadSlots(Storage* storage, File* file, AlignedBuffer* slots);

  MasterFields fields() const;
  // The durable promise; cheaper than fields().
  Lsn promise_lsn() const;
  uint64_t writes() const;

  // Makes what was read durable: a killed process may have left the record in a volatile cache.
  Status Sync() { return file_->Sync(); }

  // Applies `change` to a copy of the fields, writes it to the other slot, durably, and then takes
  // it over. Callers on several threads take turns. After a failure nothing has changed here and
  // the log must be poisoned: what is on disk is unknown.
  Status Update(const std::function<void(MasterFields*)>& change);

 private:
  MasterFile(std::unique_ptr<File> file, const MasterFields& fields, size_t alignment);

  const std::unique_ptr<File> file_;
  std::mutex update_mutex_;  // held during I/O; one Update at a time
  AlignedBuffer slot_;       // guarded by update_mutex_
  mutable std::mutex
      fields_mutex_;  // never held during I/O, so that reading the fields never waits for the disk
  MasterFields fields_;  // guarded by fields_mutex_; changed only with update_mutex_ held too
  uint64_t writes_ = 0;  // guarded by fields_mutex_
};

}  // namespace seawall

// One record by its LSN, without read-ahead: for undo, and to check that an LSN is the start of a
// record.
#pragma once

#include "log/log_reader.h"
#include "log/segment_files.h"

namespace seawall {

class RecordLookup {
 public:
  RecordLookup(SegmentFiles* segments, uint32_t header_seed, uint32_t incarnation_max)
      : segments_(segments), header_seed_(header_seed), incarnation_max_(incarnation_max) {}

  // Reads the record at `lsn`, which ends at or before `limit`. Errors: kLsnOutOfRange when no user
  // record starts there, kCorruptLog when one does but its body or a later piece is damaged, kIo.
  // Any thread.
  Status Read(Lsn lsn, Lsn limit, RecordCopy* record) const;

  // Ok when a record of any kind starts at `lsn`; kLsnOutOfRange otherwise.
  Status CheckStart(Lsn lsn, Lsn limit) const;

 private:
  Status ReadStream(Lsn lsn, uint64_t bytes, Lsn limit, std::vector<uint8_t>* data) const;
  Status ReadFragment(Lsn lsn, Lsn limit, FragmentSequence* sequence, std::vector<uint8_t>* data,
                      Fragment* fragment) const;

  SegmentFiles* const segments_;
  const uint32_t header_seed_;
  const uint32_t incarnation_max_;
};

}  // namespace seawall

// The master record: what must be known before the log itself can be read. Two slots written in
// turn, so one of them is always whole. Pure; log/master_file.h does the I/O.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "format/layout.h"
#include "format/lsn.h"

namespace seawall {

struct MasterFields {
  LogId log_id = {};
  LogGeometry geometry;
  uint64_t sequence = 0;
  uint32_t incarnation = 0;
  bool clean = false;
  Lsn incarnation_start_lsn = 0;
  Lsn promise_lsn = 0;
  Lsn oldest_lsn = 0;
  uint64_t last_segment = 0;
  uint64_t in_flight_max_bytes = 0;
  Lsn checkpoint_lsn = 0;
  uint64_t created_at_ms = 0;
};

// Fills layout::master_slot_bytes.
void EncodeMasterSlot(const MasterFields& fields, uint8_t* slot);

// Errors: kUnsupportedFormat, kCorruptLog (magic, checksum, fields that contradict each other).
Status DecodeMasterSlot(const uint8_t* slot, const std::string& path, MasterFields* fields);

// The newer valid slot of the two. One damaged slot is what a crash during a write of the master
// leaves; two are damage. kUnsupportedFormat in either slot wins over everything, so that an older
// program never picks the older slot.
Status ChooseMasterSlot(const uint8_t* slot0, const uint8_t* slot1, const std::string& path,
                        MasterFields* fields);

}  // namespace seawall

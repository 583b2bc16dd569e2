// Which writes bring a range of the stream to disk. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "format/lsn.h"

namespace seawall {

// Whole blocks of one segment: `ring_bytes` from the ring at `lsn`, then, if `with_tail`, the
// private copy of the tail block. The tail block is the last one when the range ends inside it.
struct PlannedWrite {
  uint64_t segment = 0;
  uint64_t file_offset = 0;
  Lsn lsn = 0;
  uint64_t ring_bytes = 0;
  bool with_tail = false;
};

// Covers every block that [from, to) touches, in order, in writes of at most `write_bytes_max` (a
// multiple of the block) that do not cross segments. The first block may hold bytes before `from`:
// they are written again, unchanged.
void PlanBatch(const LogGeometry& geometry, Lsn from, Lsn to, uint64_t write_bytes_max,
               std::vector<PlannedWrite>* writes);

}  // namespace seawall

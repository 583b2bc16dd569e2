#include "log/batch_plan.h"

#include <algorithm>

namespace seawall {

void PlanBatch(const LogGeometry& geometry, Lsn from, Lsn to, uint64_t write_bytes_max,
               std::vector<PlannedWrite>* writes) {
  SEAWALL_ASSERT(from < to);
  SEAWALL_ASSERT(write_bytes_max > 0 && IsAligned(write_bytes_max, geometry.block_bytes));
  writes->clear();
  const Lsn end = geometry.BlockEnd(to);
  const Lsn ring_end = geometry.BlockStart(to);
  for (Lsn at = geometry.BlockStart(from); at < end;) {
    const uint64_t segment = geometry.SegmentOf(at);
    const Lsn write_end = std::min({at + write_bytes_max, geometry.EndOf(segment), end});
    PlannedWrite write;
    write.segment = segment;
    write.file_offset = geometry.FileOffsetOf(at);
    write.lsn = at;
    write.with_tail = write_end > ring_end;
    write.ring_bytes = std::min(write_end, ring_end) - at;
    SEAWALL_ASSERT(IsAligned(write.file_offset, geometry.block_bytes));
    writes->push_back(write);
    at = write_end;
  }
}

}  // namespace seawall

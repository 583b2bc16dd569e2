// What a block can be after a power cut in the middle of a write to it.
#pragma once

#include <vector>

#include "device/block_state.h"

namespace seawall::simulation {

// One outcome: `content`, or something between `from` and `to`.
struct TornOutcome {
  enum class Kind : uint8_t { kWhole, kPrefix, kSuffix, kGarbage, kUnreadable };
  Kind kind;
  BlockPointer from;  // before the write; for kWhole the outcome itself
  BlockPointer to;
  SectorSet written;  // sectors of `to`
  SectorSet damaged;  // of kGarbage and kUnreadable
};

// Every outcome for a block that was one of `candidates` (all different, oldest first), the whole
// ones first.
std::vector<TornOutcome> OutcomesOf(const std::vector<BlockPointer>& candidates,
                                    const DeviceOptions& options);
BlockPointer Make(const TornOutcome& outcome, const DeviceOptions& options);

}  // namespace seawall::simulation

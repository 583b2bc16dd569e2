// The space of workloads: every sequence of up to kStepsMax steps. A transaction is what stands
// between two flushes: three of them, of up to five steps each.
#pragma once

#include <cstdint>
#include <vector>

namespace seawall::crash {

enum class Step : uint8_t {
  kAppendTiny,       // a few bytes
  kAppendSector,     // crosses a sector
  kAppendBlocks,     // up to the end of a block
  kAppendFragments,  // a long record, in pieces
  kFlush,            // commit
  kTruncate,         // everything but the newest durable record
  kBackground,       // prepares segments; the log has been idle, so it is marked
  kCheckpoint,       // notes the newest durable record
  kReopen,           // closes in order and opens again
  kSubmit,           // commit as an event loop does it: the write is in flight when the step ends
  kPoll,             // the event loop looks whether it is through
};
inline constexpr uint32_t kStepKinds = 11;
inline constexpr uint32_t kStepsMax = 15;

using Workload = std::vector<Step>;

// How many workloads have `steps` steps.
uint64_t WorkloadCount(uint32_t steps);
// The `index`-th of them.
Workload WorkloadAt(uint32_t steps, uint64_t index);

}  // namespace seawall::crash

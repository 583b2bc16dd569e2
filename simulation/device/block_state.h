// BlockState: what one block of a file may hold, on the medium and above it in the volatile cache.
#pragma once

#include <cstdint>
#include <vector>

#include "device/block.h"
#include "device/choices.h"

namespace seawall::simulation {

// What a power cut may make of a block with versions that were not synced.
enum class Outcomes : uint8_t {
  kWhole,    // the durable version or any later one
  kTorn,     // also: torn between two of them, with a damaged or unreadable sector at the tear
  kSectors,  // each sector is that of the durable version or of any later one, independently
};

// What the device is, and how it breaks.
struct DeviceOptions {
  // The unit that is never torn unless the outcome is garbage; what alignment() reports.
  uint32_t sector_bytes = 512;
  // The unit that the medium really writes. Larger than a sector: a torn write may damage the
  // sectors around it in this unit (blast radius). Only without powersafe_overwrite.
  uint32_t physical_sector_bytes = 512;
  Outcomes outcomes = Outcomes::kWhole;
  // Bytes that are rewritten with what they were keep it, whatever happens to the write.
  bool powersafe_overwrite = true;
  // Adjacent writes that wait in a queue together become one: it lands, and fails, as a whole.
  bool merges_adjacent_writes = false;
  // What was written to a new file but not synced may read back as an old file's bytes.
  bool shows_recycled_blocks = false;
};

struct Version {
  BlockPointer content;  // the whole block, with everything that was written before
  uint64_t sequence;     // when its write completed: a sync covers what is below its own number
};

// `stable` is on the medium. The first `undecided` of `versions` are left from before a power cut:
// one of them, or `stable`, is on the medium, and nobody has looked yet. The others are in the
// volatile cache. What a reader sees is the last version, when it is not an undecided one.
struct BlockState {
  BlockPointer stable;
  BlockPointer previous;  // what `stable` was before, for stale reads
  std::vector<Version> versions;
  uint32_t undecided = 0;

  bool IsDecided() const { return undecided == 0 || versions.size() > undecided; }
  // What reads return, once it is decided.
  const BlockPointer& Newest() const { return versions.empty() ? stable : versions.back().content; }

  // A completed write of `sectors`, volatile. REQUIRES: IsDecided() or all sectors.
  void Write(const BlockPointer& data, SectorSet sectors, uint64_t sequence);
  // A completed write of `sectors` that is durable itself; what else is volatile stays so.
  // REQUIRES: as above.
  void WriteDurably(const BlockPointer& data, SectorSet sectors);
  // Writes that completed before `sequence` are on the medium.
  void Sync(uint64_t sequence);
  // Writes that completed before `sequence` never get there, and nobody sees them any more.
  void Lose(uint64_t sequence);
  // Power goes: everything is undecided. Versions that say nothing new are dropped.
  void CutPower();
  // Chooses between what is undecided.
  void Decide(const DeviceOptions& options, Choices* choices);
  // How many outcomes Decide chooses from.
  double OutcomeCount(const DeviceOptions& options) const;
  // Every outcome of a power cut, with sectors whole, has the same bytes at [offset, offset +
  // bytes).
  bool IsStable(size_t offset, size_t bytes) const;
  uint64_t Hash() const;

 private:
  void Settle(BlockPointer content);
};

}  // namespace seawall::simulation

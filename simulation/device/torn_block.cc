#include "device/torn_block.h"

#include <cstring>

namespace seawall::simulation {

namespace {

// Whoever appends does so in units of at least so many bytes.
constexpr size_t kKeptBytes = 8;

SectorSet SectorsFrom(uint32_t first, uint32_t end) {
  return static_cast<SectorSet>(((1u << end) - 1) & ~((1u << first) - 1));
}

struct ByteRange {
  size_t begin = kBlockBytes;
  size_t end = 0;
  bool IsEmpty() const { return begin >= end; }
};

// The bytes of [begin, end) that differ, from the first to the last.
ByteRange DifferingBytes(const BlockPointer& a, const BlockPointer& b, size_t begin, size_t end) {
  const uint8_t* const left = BytesOf(a);
  const uint8_t* const right = BytesOf(b);
  ByteRange range;
  for (size_t i = begin; i < end; i++) {
    if (left[i] == right[i]) continue;
    if (range.IsEmpty()) range.begin = i;
    range.end = i + 1;
  }
  return range;
}

// With powersafe overwrite a sector can be lost as a whole only when nothing in it is to be kept:
// when its first bytes change. Zeros are bytes to be kept like others.
bool KeepsBytes(const BlockPointer& from, const BlockPointer& to, size_t begin, size_t end) {
  const ByteRange changed = DifferingBytes(from, to, begin, end);
  return changed.IsEmpty() || changed.begin >= begin + kKeptBytes;
}

void AddTears(const BlockPointer& from, const BlockPointer& to, const DeviceOptions& options,
              std::vector<TornOutcome>* outcomes) {
  using Kind = TornOutcome::Kind;
  const SectorSet differing = Difference(from, to);
  const uint32_t step = options.sector_bytes / kSectorBytes;
  std::vector<uint32_t> units;  // sectors of the device that differ, by their first small one
  for (uint32_t i = 0; i < kSectorsPerBlock; i += step)
    if ((differing & SectorsFrom(i, i + step)) != 0) units.push_back(i);
  for (size_t k = 1; k < units.size(); k++) {
    outcomes->push_back({Kind::kPrefix, from, to, SectorsFrom(0, units[k]), 0});
    outcomes->push_back({Kind::kSuffix, from, to, SectorsFrom(units[k], kSectorsPerBlock), 0});
  }
  for (const uint32_t unit : units) {
    const SectorSet before = SectorsFrom(0, unit);
    SectorSet damaged = SectorsFrom(unit, unit + step);
    const bool keeps = KeepsBytes(from, to, unit * kSectorBytes, (unit + step) * kSectorBytes);
    if (!options.powersafe_overwrite && options.physical_sector_bytes > options.sector_bytes) {
      const auto group = static_cast<uint32_t>(options.physical_sector_bytes / kSectorBytes);
      damaged = SectorsFrom(unit / group * group, unit / group * group + group);
    }
    outcomes->push_back({Kind::kGarbage, from, to, before, damaged});
    if (options.powersafe_overwrite && keeps) continue;
    outcomes->push_back({Kind::kUnreadable, from, to, before, damaged});
  }
}

// Bytes that neither the old nor the new content has, the same ones in every run.
void FillWithGarbage(uint8_t* bytes, size_t begin, size_t end, uint64_t seed) {
  uint64_t state = seed;
  for (size_t i = begin; i < end; i++) {
    state = Mix(state, i);
    bytes[i] = static_cast<uint8_t>(state | 1);
  }
}

}  // namespace

std::vector<TornOutcome> OutcomesOf(const std::vector<BlockPointer>& candidates,
                                    const DeviceOptions& options) {
  std::vector<TornOutcome> outcomes;
  for (const BlockPointer& content : candidates)
    outcomes.push_back({TornOutcome::Kind::kWhole, content, content, kAllSectors, 0});
  if (options.outcomes != Outcomes::kTorn) return outcomes;
  for (size_t to = 1; to < candidates.size(); to++)
    for (size_t from = 0; from < to; from++)
      AddTears(candidates[from], candidates[to], options, &outcomes);
  return outcomes;
}

BlockPointer Make(const TornOutcome& outcome, const DeviceOptions& options) {
  using Kind = TornOutcome::Kind;
  if (outcome.kind == Kind::kWhole) return outcome.from;
  const BlockPointer mixed = Overlay(outcome.from, outcome.to, outcome.written);
  if (outcome.kind == Kind::kPrefix || outcome.kind == Kind::kSuffix) return mixed;
  uint8_t bytes[kBlockBytes];
  std::memcpy(bytes, BytesOf(mixed), kBlockBytes);
  if (outcome.kind == Kind::kUnreadable)
    return NewBlock(bytes, static_cast<SectorSet>(UnreadableOf(mixed) | outcome.damaged));
  for (uint32_t i = 0; i < kSectorsPerBlock; i++) {
    if ((outcome.damaged >> i & 1) == 0) continue;
    ByteRange range = {i * kSectorBytes, (i + 1) * kSectorBytes};
    if (options.powersafe_overwrite)
      range = DifferingBytes(outcome.from, outcome.to, range.begin, range.end);
    if (!range.IsEmpty()) FillWithGarbage(bytes, range.begin, range.end, HashOf(outcome.to));
  }
  return NewBlock(bytes, UnreadableOf(mixed));
}

}  // namespace seawall::simulation

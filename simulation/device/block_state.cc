#include "device/block_state.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/assert.h"
#include "device/torn_block.h"

namespace seawall::simulation {

namespace {

// The durable version and the others, each content once, oldest first.
std::vector<BlockPointer> CandidatesOf(const BlockState& block, size_t versions) {
  std::vector<BlockPointer> candidates = {block.stable};
  for (size_t i = 0; i < versions; i++) {
    const BlockPointer& content = block.versions[i].content;
    bool is_new = true;
    for (const BlockPointer& known : candidates) is_new = is_new && !SameContent(known, content);
    if (is_new) candidates.push_back(content);
  }
  return candidates;
}

BlockPointer MixSectors(const std::vector<BlockPointer>& candidates, const DeviceOptions& options,
                        Choices* choices) {
  const uint32_t step = options.sector_bytes / kSectorBytes;
  BlockPointer mixed = candidates.front();
  for (uint32_t i = 0; i < kSectorsPerBlock; i += step) {
    const auto sectors = static_cast<SectorSet>(((1u << step) - 1) << i);
    std::vector<const BlockPointer*> different = {&candidates.front()};
    for (const BlockPointer& candidate : candidates) {
      bool is_new = true;
      for (const BlockPointer* known : different)
        is_new = is_new && (Difference(*known, candidate) & sectors) != 0;
      if (is_new) different.push_back(&candidate);
    }
    const uint32_t chosen = choices->Pick(static_cast<uint32_t>(different.size()), "sector");
    if (chosen > 0) mixed = Overlay(mixed, *different[chosen], sectors);
  }
  return mixed;
}

}  // namespace

void BlockState::Write(const BlockPointer& data, SectorSet sectors, uint64_t sequence) {
  SEAWALL_ASSERT(IsDecided() || sectors == kAllSectors);
  versions.push_back({Overlay(Newest(), data, sectors), sequence});
}

void BlockState::WriteDurably(const BlockPointer& data, SectorSet sectors) {
  SEAWALL_ASSERT(IsDecided() || sectors == kAllSectors);
  if (sectors == kAllSectors) return Settle(data);
  previous = stable;
  stable = Overlay(stable, data, sectors);
  for (Version& version : versions) version.content = Overlay(version.content, data, sectors);
}

void BlockState::Settle(BlockPointer content) {
  previous = std::move(stable);
  stable = std::move(content);
  versions.clear();
  undecided = 0;
}

void BlockState::Lose(uint64_t sequence) {
  const auto first = versions.begin() + undecided;
  versions.erase(first, std::find_if(first, versions.end(), [&](const Version& version) {
                   return version.sequence >= sequence;
                 }));
}

void BlockState::Sync(uint64_t sequence) {
  size_t covered = versions.size();
  while (covered > undecided && versions[covered - 1].sequence >= sequence) covered -= 1;
  if (covered == undecided) return;
  previous = std::move(stable);
  stable = std::move(versions[covered - 1].content);
  versions.erase(versions.begin(), versions.begin() + static_cast<ptrdiff_t>(covered));
  undecided = 0;
}

void BlockState::CutPower() {
  if (versions.empty()) return;
  const std::vector<BlockPointer> candidates = CandidatesOf(*this, versions.size());
  versions.clear();
  for (size_t i = 1; i < candidates.size(); i++) versions.push_back({candidates[i], 0});
  undecided = static_cast<uint32_t>(versions.size());
}

void BlockState::Decide(const DeviceOptions& options, Choices* choices) {
  if (undecided == 0) return;
  SEAWALL_ASSERT(choices != nullptr && versions.size() == undecided);
  const std::vector<BlockPointer> candidates = CandidatesOf(*this, undecided);
  if (options.outcomes == Outcomes::kSectors) {
    Settle(MixSectors(candidates, options, choices));
  } else if (options.outcomes == Outcomes::kWhole) {
    Settle(candidates[choices->Pick(static_cast<uint32_t>(candidates.size()), "block")]);
  } else {
    const std::vector<TornOutcome> outcomes = OutcomesOf(candidates, options);
    Settle(Make(outcomes[choices->Pick(static_cast<uint32_t>(outcomes.size()), "torn block")],
                options));
  }
}

double BlockState::OutcomeCount(const DeviceOptions& options) const {
  const std::vector<BlockPointer> candidates = CandidatesOf(*this, undecided);
  if (options.outcomes == Outcomes::kWhole) return static_cast<double>(candidates.size());
  if (options.outcomes == Outcomes::kTorn)
    return static_cast<double>(OutcomesOf(candidates, options).size());
  const double sectors = static_cast<double>(kBlockBytes / options.sector_bytes);
  return std::pow(static_cast<double>(candidates.size()), sectors);
}

bool BlockState::IsStable(size_t offset, size_t bytes) const {
  for (const Version& version : versions) {
    if (std::memcmp(BytesOf(stable) + offset, BytesOf(version.content) + offset, bytes) != 0)
      return false;
  }
  return true;
}

uint64_t BlockState::Hash() const {
  uint64_t hash = Mix(HashOf(stable), undecided);
  for (const Version& version : versions) hash = Mix(hash, HashOf(version.content));
  return hash;
}

}  // namespace seawall::simulation

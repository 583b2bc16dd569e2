#include "device/block.h"

#include <cstring>

#include "base/bytes.h"

namespace seawall::simulation {

namespace {

constexpr uint8_t kZeros[kBlockBytes] = {};

std::shared_ptr<Block> NewUninitialized() {
  auto block = std::make_shared_for_overwrite<Block>();
  block->hash.store(0, std::memory_order_relaxed);
  return block;
}

}  // namespace

const uint8_t* BytesOf(const BlockPointer& block) {
  return block == nullptr ? kZeros : block->bytes;
}

BlockPointer NewBlock(const uint8_t* bytes, SectorSet unreadable) {
  if (unreadable == 0 && AllZero(bytes, kBlockBytes)) return nullptr;
  auto block = NewUninitialized();
  std::memcpy(block->bytes, bytes, kBlockBytes);
  block->unreadable = unreadable;
  return block;
}

BlockPointer Overlay(const BlockPointer& base, const BlockPointer& over, SectorSet sectors) {
  if (sectors == kAllSectors || base == over) return over;
  if (sectors == 0) return base;
  auto block = NewUninitialized();
  const uint8_t* const from[2] = {BytesOf(base), BytesOf(over)};
  for (uint32_t i = 0; i < kSectorsPerBlock; i++) {
    std::memcpy(block->bytes + i * kSectorBytes, from[sectors >> i & 1] + i * kSectorBytes,
                kSectorBytes);
  }
  block->unreadable =
      static_cast<SectorSet>((UnreadableOf(base) & ~sectors) | (UnreadableOf(over) & sectors));
  if (block->unreadable == 0 && AllZero(block->bytes, kBlockBytes)) return nullptr;
  return block;
}

SectorSet Difference(const BlockPointer& a, const BlockPointer& b) {
  if (a == b) return 0;
  auto differing = static_cast<SectorSet>(UnreadableOf(a) ^ UnreadableOf(b));
  const uint8_t* const left = BytesOf(a);
  const uint8_t* const right = BytesOf(b);
  for (uint32_t i = 0; i < kSectorsPerBlock; i++) {
    if (std::memcmp(left + i * kSectorBytes, right + i * kSectorBytes, kSectorBytes) != 0)
      differing = static_cast<SectorSet>(differing | 1u << i);
  }
  return differing;
}

bool SameContent(const BlockPointer& a, const BlockPointer& b) {
  if (a == b) return true;
  if (UnreadableOf(a) != UnreadableOf(b)) return false;
  return std::memcmp(BytesOf(a), BytesOf(b), kBlockBytes) == 0;
}

uint64_t HashOfBytes(const void* data, size_t bytes) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t lanes[4] = {1, 2, 3, bytes};
  size_t done = 0;
  for (; done + 32 <= bytes; done += 32) {
    for (size_t lane = 0; lane < 4; lane++)
      lanes[lane] = Mix(lanes[lane], LoadLittleEndian<uint64_t>(at + done + 8 * lane));
  }
  for (; done < bytes; done++) lanes[0] = Mix(lanes[0], at[done]);
  return Mix(Mix(lanes[0], lanes[1]), Mix(lanes[2], lanes[3]));
}

uint64_t HashOf(const BlockPointer& block) {
  if (block == nullptr) return 1;
  uint64_t hash = block->hash.load(std::memory_order_relaxed);
  if (hash != 0) return hash;
  hash = Mix(HashOfBytes(block->bytes, kBlockBytes), block->unreadable) | 1;
  block->hash.store(hash, std::memory_order_relaxed);
  return hash;
}

}  // namespace seawall::simulation

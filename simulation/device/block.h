// Block: 4096 bytes that never change, shared by every disk, snapshot and version that holds them.
// So a disk is copied by copying pointers, and each content is hashed once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace seawall::simulation {

inline constexpr size_t kBlockBytes = 4096;
// The smallest sector; sets of sectors of a block are counted in these, one bit each.
inline constexpr size_t kSectorBytes = 512;
inline constexpr uint32_t kSectorsPerBlock = kBlockBytes / kSectorBytes;
using SectorSet = uint8_t;
inline constexpr SectorSet kAllSectors = 0xFF;

struct Block {
  uint8_t bytes[kBlockBytes];
  SectorSet unreadable;                // reading one of these fails with ENODATA
  mutable std::atomic<uint64_t> hash;  // 0: not known yet
};

// Null stands for zeros.
using BlockPointer = std::shared_ptr<const Block>;

// The bytes of a block, also of a null one.
const uint8_t* BytesOf(const BlockPointer& block);
inline SectorSet UnreadableOf(const BlockPointer& block) {
  return block == nullptr ? 0 : block->unreadable;
}

// Null when all is zero and readable.
BlockPointer NewBlock(const uint8_t* bytes, SectorSet unreadable = 0);
// `over` in the sectors of `sectors`, `base` elsewhere.
BlockPointer Overlay(const BlockPointer& base, const BlockPointer& over, SectorSet sectors);
// The sectors in which they differ.
SectorSet Difference(const BlockPointer& a, const BlockPointer& b);
bool SameContent(const BlockPointer& a, const BlockPointer& b);

uint64_t HashOf(const BlockPointer& block);

inline uint64_t Mix(uint64_t hash, uint64_t value) {
  const auto product =
      static_cast<unsigned __int128>(hash ^ 0x9E3779B97F4A7C15u) * (value ^ 0xD6E8FEB86659FD93u);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t HashOfBytes(const void* data, size_t bytes);

}  // namespace seawall::simulation

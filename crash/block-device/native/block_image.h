// What a block device holds, kept in memory: blocks that lie over those of an image below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace seawall::crash {

constexpr size_t kBlockBytes = 4096;

// Copy on write: `below` is only read, and must not change while anything here depends on it.
class BlockImage {
 public:
  BlockImage(uint64_t block_count, const BlockImage* below);

  uint64_t block_count() const { return slots_.size(); }
  const BlockImage* below() const { return below_; }
  void Read(uint64_t offset, uint8_t* to, size_t size) const;
  void Write(uint64_t offset, const uint8_t* from, size_t size);
  // nullptr: nothing was ever written there, it reads as zeros.
  const uint8_t* BlockAt(uint64_t block) const;
  // Everything is as below again. Memory is kept for the next time.
  void Clear();
  void Swap(BlockImage* other);

 private:
  uint8_t* OwnBlock(uint64_t block);

  const BlockImage* below_;
  // Position in memory_ + 1; 0: the block of the image below shows.
  std::vector<uint32_t> slots_;
  std::vector<uint64_t> written_;
  std::vector<std::unique_ptr<uint8_t[]>> memory_;
};

}  // namespace seawall::crash

// FileImage: the content of one file, on the medium and in the cache above it. Copied by copying
// pointers to blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "device/block_state.h"
#include "io/storage.h"

namespace seawall::simulation {

// The part of a write that falls into one block.
struct BlockWrite {
  BlockPointer data;
  SectorSet sectors;
};

// A write as the device sees it: consecutive blocks from `first_block`.
struct DeviceWrite {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint64_t first_block = 0;
  std::vector<BlockWrite> blocks;

  // REQUIRES: offset and the sum of the bytes are multiples of kSectorBytes.
  static DeviceWrite From(uint64_t offset, const IoSlice* slices, int slice_count);
  // The first `bytes` of it.
  DeviceWrite Prefix(uint64_t bytes) const;
};

class FileImage {
 public:
  uint64_t bytes() const { return bytes_; }
  uint64_t durable_bytes() const { return durable_bytes_; }
  bool has_volatile_bytes() const { return bytes_ != durable_bytes_; }

  // Some block in the range is undecided; Decide decides it.
  bool NeedsDecision(uint64_t offset, uint64_t bytes) const;
  void Decide(uint64_t offset, uint64_t bytes, const DeviceOptions& options, Choices* choices);
  // ENODATA when a sector in the range is unreadable. REQUIRES: !NeedsDecision.
  Status Read(uint64_t offset, uint8_t* data, size_t bytes, const std::string& path) const;
  // The same from what the medium held before its last change.
  void ReadStale(uint64_t offset, uint8_t* data, size_t bytes) const;
  void Write(const DeviceWrite& write, Durability durability, uint64_t sequence,
             const DeviceOptions& options, Choices* choices);
  // Covers the writes that completed before `sequence`, and the size.
  void Sync(uint64_t sequence);
  // The same for blocks below `end_block` only, and not for the size: a device that lies in part.
  void SyncBlocksBelow(uint64_t end_block, uint64_t sequence);
  // What a sync would have covered is gone, as on file systems that forget what they failed to
  // write.
  void Lose(uint64_t sequence);
  void Resize(uint64_t bytes);

  // Something in it is volatile or undecided.
  bool has_versions() const;
  void CutPower();
  // The file that `recycled` was may show where this one was written and not synced.
  void ShowRecycledBlocks(const FileImage& recycled);
  // One of the sizes that it may have.
  void DecideSize(Choices* choices);

  bool IsStable(uint64_t offset, uint64_t bytes) const;
  // Bytes nobody has decided about count as their newest version.
  void CopyNewest(uint64_t offset, uint8_t* data, size_t bytes) const;
  // As with a hex editor: durable and visible, whatever was there.
  void Replace(uint64_t block, BlockPointer content);
  const BlockPointer& NewestBlock(uint64_t block) const;
  uint32_t undecided_blocks() const;
  double OutcomeCount(const DeviceOptions& options) const;
  uint64_t Hash() const;

 private:
  BlockState& At(uint64_t block);

  uint64_t bytes_ = 0;
  uint64_t durable_bytes_ = 0;
  std::vector<BlockState> blocks_;  // what lies behind its end is zeros
};

}  // namespace seawall::simulation

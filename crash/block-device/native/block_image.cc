#include "block_image.h"

#include <algorithm>
#include <cstring>

namespace seawall::crash {

BlockImage::BlockImage(uint64_t block_count, const BlockImage* below)
    : below_(below), slots_(block_count, 0) {}

const uint8_t* BlockImage::BlockAt(uint64_t block) const {
  for (const BlockImage* image = this; image != nullptr; image = image->below_) {
    const uint32_t slot = image->slots_[block];
    if (slot != 0) return image->memory_[slot - 1].get();
  }
  return nullptr;
}

void BlockImage::Read(uint64_t offset, uint8_t* to, size_t size) const {
  while (size > 0) {
    const size_t at = offset % kBlockBytes;
    const size_t part = std::min(size, kBlockBytes - at);
    const uint8_t* block = BlockAt(offset / kBlockBytes);
    if (block == nullptr) {
      std::memset(to, 0, part);
    } else {
      std::memcpy(to, block + at, part);
    }
    to += part;
    offset += part;
    size -= part;
  }
}

void BlockImage::Write(uint64_t offset, const uint8_t* from, size_t size) {
  while (size > 0) {
    const size_t at = offset % kBlockBytes;
    const size_t part = std::min(size, kBlockBytes - at);
    std::memcpy(OwnBlock(offset / kBlockBytes) + at, from, part);
    from += part;
    offset += part;
    size -= part;
  }
}

uint8_t* BlockImage::OwnBlock(uint64_t block) {
  if (slots_[block] == 0) {
    const uint8_t* shown = BlockAt(block);
    if (written_.size() == memory_.size()) {
      memory_.push_back(std::make_unique<uint8_t[]>(kBlockBytes));
    }
    uint8_t* own = memory_[written_.size()].get();
    if (shown == nullptr) {
      std::memset(own, 0, kBlockBytes);
    } else {
      std::memcpy(own, shown, kBlockBytes);
    }
    written_.push_back(block);
    slots_[block] = static_cast<uint32_t>(written_.size());
  }
  return memory_[slots_[block] - 1].get();
}

void BlockImage::Clear() {
  for (const uint64_t block : written_) slots_[block] = 0;
  written_.clear();
}

void BlockImage::Swap(BlockImage* other) {
  slots_.swap(other->slots_);
  written_.swap(other->written_);
  memory_.swap(other->memory_);
}

}  // namespace seawall::crash

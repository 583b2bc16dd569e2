// PageFrames: the memory of the buffer pool, one frame a page, aligned for direct I/O. Pages are
// read into it and JavaScript works on it in place; writes go out from copies. Untouched frames
// cost no memory.
#pragma once

#include <cstdint>

#include "base/assert.h"
#include "io/aligned_buffer.h"

namespace seawall {

class PageFrames {
 public:
  PageFrames(uint64_t count, uint32_t page_bytes, uint32_t alignment)
      : count_(count), page_bytes_(page_bytes), memory_(count * page_bytes, alignment) {}

  uint64_t count() const { return count_; }
  uint8_t* data() { return memory_.data(); }
  size_t bytes() const { return memory_.bytes(); }
  uint8_t* At(uint64_t frame) {
    SEAWALL_ASSERT(frame < count_);
    return memory_.data() + frame * page_bytes_;
  }

 private:
  const uint64_t count_;
  const uint32_t page_bytes_;
  AlignedBuffer memory_;
};

}  // namespace seawall

// Memory that is mapped twice in a row, so that a range which passes the end of the ring is still
// contiguous.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/status.h"

namespace seawall {

class RingMemory {
 public:
  // `bytes` is a power of two and a multiple of the memory page size. kIo when the kernel refuses.
  static Status New(size_t bytes, std::shared_ptr<RingMemory>* ring);
  ~RingMemory();
  RingMemory(const RingMemory&) = delete;
  RingMemory& operator=(const RingMemory&) = delete;

  size_t bytes() const { return bytes_; }
  // 2 x bytes() addressable bytes: data()[i] and data()[i + bytes()] are the same byte.
  uint8_t* data() { return data_; }
  // The address that holds log stream position `position`; valid for bytes() from there.
  uint8_t* At(uint64_t position) { return data_ + (position & (bytes_ - 1)); }

 private:
  RingMemory(uint8_t* data, size_t bytes) : data_(data), bytes_(bytes) {}
  uint8_t* const data_;
  const size_t bytes_;
};

}  // namespace seawall

// The memory of the ring: positions of the log stream modulo its size, with room behind the end, so
// that a record which passes the end is still contiguous.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/assert.h"
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
  // 2 x bytes() addressable bytes. The second half holds the ends of records that pass the end of
  // the first; it takes memory only as far as it is used.
  uint8_t* data() { return data_; }
  // The address that holds log stream position `position`; a record may be framed in bytes() from
  // there.
  uint8_t* At(uint64_t position) { return data_ + (position & (bytes_ - 1)); }
  // How many bytes at and behind `position` lie before the end of the ring.
  size_t ContiguousBytes(uint64_t position) const { return bytes_ - (position & (bytes_ - 1)); }
  // Copies what a finished record at `position` has behind the end of the ring to the beginning,
  // where the bytes of those positions are read from.
  void WrapAround(uint64_t position, size_t record_bytes) {
    SEAWALL_ASSERT(record_bytes <= bytes_);
    const size_t contiguous = ContiguousBytes(position);
    if (record_bytes > contiguous) std::memcpy(data_, data_ + bytes_, record_bytes - contiguous);
  }

 private:
  RingMemory(uint8_t* data, size_t bytes) : data_(data), bytes_(bytes) {}
  uint8_t* const data_;
  const size_t bytes_;
};

}  // namespace seawall

// Zeroed memory aligned for direct I/O, freed by the destructor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/assert.h"

namespace seawall {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  AlignedBuffer(size_t bytes, size_t alignment);
  ~AlignedBuffer();
  AlignedBuffer(AlignedBuffer&& other) noexcept;
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept;
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t bytes() const { return bytes_; }

  // Gives the memory to owners who share it. It must not be null.
  std::shared_ptr<uint8_t> Share() &&;

 private:
  static void Free(uint8_t* data, size_t bytes);

  uint8_t* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace seawall

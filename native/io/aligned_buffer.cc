#include "io/aligned_buffer.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/align.h"

namespace seawall {

AlignedBuffer::AlignedBuffer(size_t bytes, size_t alignment) : bytes_(bytes) {
  SEAWALL_ASSERT(IsPowerOfTwo(alignment));
  if (bytes == 0) return;
  data_ = static_cast<uint8_t*>(std::aligned_alloc(alignment, AlignUp(bytes, alignment)));
  SEAWALL_ASSERT(data_ != nullptr);
  std::memset(data_, 0, AlignUp(bytes, alignment));
}

AlignedBuffer::~AlignedBuffer() { Free(data_); }

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  if (this == &other) return *this;
  Free(data_);
  data_ = std::exchange(other.data_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

uint8_t* AlignedBuffer::Release() {
  bytes_ = 0;
  return std::exchange(data_, nullptr);
}

void AlignedBuffer::Free(uint8_t* data) { std::free(data); }

}  // namespace seawall

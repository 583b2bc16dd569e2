#include "io/aligned_buffer.h"

#include <sys/mman.h>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/align.h"

namespace seawall {

namespace {

// Buffers of this size and more are mapped: the allocator would keep them, spread over the arenas
// of the threads that made and freed them, and a scan would hold a multiple of what it uses.
constexpr size_t kMapBytesMin = size_t{128} << 10;

}  // namespace

AlignedBuffer::AlignedBuffer(size_t bytes, size_t alignment) : bytes_(bytes) {
  SEAWALL_ASSERT(IsPowerOfTwo(alignment));
  if (bytes == 0) return;
  if (bytes >= kMapBytesMin) {
    SEAWALL_ASSERT(alignment <= 4096);
    void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SEAWALL_ASSERT(mapped != MAP_FAILED);
    data_ = static_cast<uint8_t*>(mapped);
    return;
  }
  data_ = static_cast<uint8_t*>(std::aligned_alloc(alignment, AlignUp(bytes, alignment)));
  SEAWALL_ASSERT(data_ != nullptr);
  std::memset(data_, 0, AlignUp(bytes, alignment));
}

AlignedBuffer::~AlignedBuffer() { Free(data_, bytes_); }

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  if (this == &other) return *this;
  Free(data_, bytes_);
  data_ = std::exchange(other.data_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

std::shared_ptr<uint8_t> AlignedBuffer::Share() && {
  const size_t bytes = std::exchange(bytes_, 0);
  return {std::exchange(data_, nullptr), [bytes](uint8_t* data) { Free(data, bytes); }};
}

void AlignedBuffer::Free(uint8_t* data, size_t bytes) {
  if (data == nullptr) return;
  if (bytes >= kMapBytesMin) {
    munmap(data, bytes);
  } else {
    std::free(data);
  }
}

}  // namespace seawall

#include "log/chunk_buffers.h"

#include "base/align.h"
#include "base/assert.h"
#include "io/large_pages.h"

namespace seawall {

namespace {

constexpr size_t kBuffersInRegion = 8;
constexpr size_t kAlignmentMax = 4096;

}  // namespace

ChunkBuffers::ChunkBuffers(size_t buffer_bytes)
    : buffer_bytes_(AlignUp(buffer_bytes, kAlignmentMax)) {}

ChunkBuffers::~ChunkBuffers() {
  SEAWALL_ASSERT(spare_.size() == regions_.size() * kBuffersInRegion);
  for (uint8_t* region : regions_) UnmapMemory(region, kBuffersInRegion * buffer_bytes_);
}

std::shared_ptr<uint8_t> ChunkBuffers::Take() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (spare_.empty()) AddRegion();
  uint8_t* const buffer = spare_.back();
  spare_.pop_back();
  return {buffer, [self = shared_from_this()](uint8_t* back) { self->GiveBack(back); }};
}

void ChunkBuffers::GiveBack(uint8_t* buffer) {
  std::lock_guard<std::mutex> lock(mutex_);
  spare_.push_back(buffer);
}

// REQUIRES: mutex_ is held.
void ChunkBuffers::AddRegion() {
  const size_t bytes = kBuffersInRegion * buffer_bytes_;
  uint8_t* const region = MapMemory(bytes);
  SEAWALL_ASSERT(region != nullptr);
  PreferLargePages(region, bytes);
  regions_.push_back(region);
  for (size_t i = kBuffersInRegion; i-- > 0;) spare_.push_back(region + i * buffer_bytes_);
}

}  // namespace seawall

// Goal: a record that passes the end of the ring is contiguous for the appender, and its bytes are
// found at their positions by whoever writes the ring to disk. Method: records of every size around
// the end of a small ring.
#include "io/ring_memory.h"

#include <cstring>

#include "support/test_main.h"

namespace seawall::test {

namespace {

constexpr size_t kRingBytes = 4096;

// The byte that position `position` of the stream must show.
uint8_t Expected(uint64_t position) { return static_cast<uint8_t>(position * 7 + 1); }

TEST(RingMemory, RecordThatPassesTheEndHasEveryByteAtItsPosition) {
  std::shared_ptr<RingMemory> ring;
  ASSERT_OK(RingMemory::New(kRingBytes, &ring));
  for (const uint64_t before_end : {size_t{8}, size_t{16}, size_t{24}, size_t{1000}}) {
    for (const size_t record_bytes :
         {size_t{8}, size_t{24}, size_t{32}, size_t{1008}, kRingBytes}) {
      std::memset(ring->data(), 0, 2 * kRingBytes);
      const uint64_t start = 3 * kRingBytes - before_end;
      for (size_t i = 0; i < record_bytes; i++) ring->At(start)[i] = Expected(start + i);
      ring->WrapAround(start, record_bytes);
      for (size_t i = 0; i < record_bytes; i++) {
        EXPECT_EQ(*ring->At(start + i), Expected(start + i));
      }
    }
  }
}

TEST(RingMemory, RecordThatEndsBeforeTheEndTouchesNothingElse) {
  std::shared_ptr<RingMemory> ring;
  ASSERT_OK(RingMemory::New(kRingBytes, &ring));
  std::memset(ring->data(), 0xab, 2 * kRingBytes);
  ring->WrapAround(kRingBytes - 64, 64);
  ring->WrapAround(0, kRingBytes);
  for (size_t i = 0; i < kRingBytes; i++) EXPECT_EQ(ring->data()[i], 0xab);
}

TEST(RingMemory, BothHalvesCanBeUsed) {
  constexpr size_t kLargeBytes = size_t{4} << 20;
  std::shared_ptr<RingMemory> ring;
  ASSERT_OK(RingMemory::New(kLargeBytes, &ring));
  for (size_t at = 0; at < 2 * kLargeBytes; at += 4096) ring->data()[at] = 1;
  EXPECT_EQ(ring->ContiguousBytes(kLargeBytes + 4096), kLargeBytes - 4096);
}

}  // namespace

}  // namespace seawall::test

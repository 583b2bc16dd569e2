// Goal: CRC-32C is the one of RFC 3720, whatever implementation the processor gets.
// Method: the RFC's vectors; the hardware against the table at every length and alignment; splits.
#include "base/crc32c.h"

#include <random>
#include <vector>

#include "support/test_main.h"

namespace seawall::test {

namespace {

std::vector<uint8_t> RandomBytes(size_t count) {
  std::mt19937 random(7);
  std::vector<uint8_t> bytes(count);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

TEST(Crc32c, VectorsOfRfc3720AppendixB4) {
  std::vector<uint8_t> bytes(32, 0);
  EXPECT_EQ(Crc32c(bytes.data(), 32), 0x8A9136AAu);
  bytes.assign(32, 0xFF);
  EXPECT_EQ(Crc32c(bytes.data(), 32), 0x62A8AB43u);
  for (size_t i = 0; i < 32; i++) bytes[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(Crc32c(bytes.data(), 32), 0x46DD794Eu);
  for (size_t i = 0; i < 32; i++) bytes[i] = static_cast<uint8_t>(31 - i);
  EXPECT_EQ(Crc32c(bytes.data(), 32), 0x113FDB5Cu);
  EXPECT_EQ(Crc32c("123456789", 9), 0xE3069283u);
}

TEST(Crc32c, HardwareEqualsTableAtEveryLengthAndAlignment) {
  const std::vector<uint8_t> bytes = RandomBytes(20000);
  for (size_t length = 0; length < 20000 - 8;
       length = length < 5000 ? length + 1 : length * 9 / 8) {
    const size_t at = length % 8;
    EXPECT_EQ(Crc32cExtend(123, bytes.data() + at, length),
              Crc32cExtendPortable(123, bytes.data() + at, length));
  }
}

TEST(Crc32c, SplitAnywhereIsTheSame) {
  const std::vector<uint8_t> bytes = RandomBytes(5000);
  const uint32_t whole = Crc32c(bytes.data(), bytes.size());
  for (size_t cut = 0; cut <= bytes.size(); cut += 37) {
    EXPECT_EQ(Crc32cExtend(Crc32c(bytes.data(), cut), bytes.data() + cut, bytes.size() - cut),
              whole);
  }
}

}  // namespace

}  // namespace seawall::test

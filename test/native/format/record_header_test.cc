// Goal: only the bytes that were sealed for this log, this place and this incarnation are a record.
// Method: one sealed record, forged one field at a time; every mixture of old and new sectors;
// golden bytes.
#include "format/record_header.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

constexpr Lsn kLsn = 4096 * 3 + 1000;
constexpr uint32_t kIncarnation = 7;
const LogId kLogId = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

std::vector<uint8_t> Sealed(size_t body_bytes, Lsn lsn = kLsn, const LogId& log_id = kLogId) {
  std::vector<uint8_t> bytes(StreamBytes(kRecordHeaderBytes + body_bytes), 0xEE);
  RecordFrame frame;
  frame.body_bytes = body_bytes;
  frame.type = 42;
  FrameRecord(bytes.data(), frame);
  for (size_t i = 0; i < body_bytes; i++)
    bytes[kRecordHeaderBytes + i] = static_cast<uint8_t>(i * 3);
  SealRecord(bytes.data(), HeaderSeed(log_id), lsn, kIncarnation, AlignDown(lsn - 512, 8));
  return bytes;
}

HeaderVerdict Check(const std::vector<uint8_t>& bytes, Lsn lsn = kLsn) {
  layout::RecordHeader header;
  return CheckRecordHeader(bytes.data(), HeaderSeed(kLogId), lsn, &header);
}

TEST(RecordHeader, SealedRecordIsValidAndCarriesItsPromise) {
  const std::vector<uint8_t> bytes = Sealed(100);
  layout::RecordHeader header;
  EXPECT_TRUE(CheckRecordHeader(bytes.data(), HeaderSeed(kLogId), kLsn, &header) ==
              HeaderVerdict::kValid);
  EXPECT_TRUE(BodyMatches(header, bytes.data() + kRecordHeaderBytes));
  EXPECT_EQ(PromiseOf(header, kLsn), AlignDown(kLsn - 512, 8));
  EXPECT_EQ(header.incarnation, kIncarnation);
  EXPECT_EQ(header.type, uint16_t{42});
  // The gap is zero whatever was there before.
  for (size_t i = header.record_bytes; i < bytes.size(); i++) EXPECT_EQ(int{bytes[i]}, 0);
}

TEST(RecordHeader, H04ZerosAreNeverARecord) {
  const std::vector<uint8_t> zeros(64, 0);
  EXPECT_TRUE(Check(zeros) == HeaderVerdict::kZeros);
  for (Lsn lsn = 0; lsn < 4096; lsn += 8) EXPECT_TRUE(Check(zeros, lsn) != HeaderVerdict::kValid);
}

TEST(RecordHeader, H03LengthIsBoundedBeforeAnythingElse) {
  for (const uint32_t length : {1u, 23u, 24u + 4194304u + 1u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    std::vector<uint8_t> bytes = Sealed(100);
    StoreLittleEndian(bytes.data() + 4, length);
    EXPECT_TRUE(Check(bytes) == HeaderVerdict::kBadLength);
  }
  // A length that is in bounds but not the one that was sealed fails the checksum: the body is
  // never looked at.
  std::vector<uint8_t> bytes = Sealed(100);
  StoreLittleEndian(bytes.data() + 4, uint32_t{24 + 4194304});
  EXPECT_TRUE(Check(bytes) == HeaderVerdict::kBadChecksum);
}

TEST(RecordHeader, EveryBitOfTheHeaderCounts) {
  const std::vector<uint8_t> good = Sealed(100);
  for (size_t bit = 0; bit < kRecordHeaderBytes * 8; bit++) {
    std::vector<uint8_t> bytes = good;
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    EXPECT_TRUE(Check(bytes) != HeaderVerdict::kValid);
  }
}

TEST(RecordHeader, H02OtherPlaceOrOtherLogIsInvalid) {
  const std::vector<uint8_t> bytes = Sealed(100);
  for (const Lsn lsn : {kLsn - 8, kLsn + 8, kLsn + 4096, kLsn + (Lsn{1} << 32)}) {
    EXPECT_TRUE(Check(bytes, lsn) == HeaderVerdict::kBadChecksum);
  }
  LogId other = kLogId;
  other.bytes[15] ^= 1;
  EXPECT_TRUE(Check(Sealed(100, kLsn, other)) == HeaderVerdict::kBadChecksum);
}

TEST(RecordHeader, UnknownKindsAndFlagsOfARightChecksumAreRefused) {
  for (const auto& [kind, flags] :
       std::vector<std::pair<int, int>>{{0, 3}, {4, 3}, {200, 3}, {1, 4}, {2, 1}, {3, 0}}) {
    std::vector<uint8_t> bytes = Sealed(100);
    bytes[14] = static_cast<uint8_t>(kind);
    bytes[15] = static_cast<uint8_t>(flags);
    // The checksum is made right by hand, as another version would have it.
    std::vector<uint8_t> checked(bytes.begin() + 4, bytes.begin() + kRecordHeaderBytes);
    const uint32_t with_lsn = Crc32cExtend(HeaderSeed(kLogId), &kLsn, sizeof(kLsn));
    StoreLittleEndian(bytes.data(), Crc32cExtend(with_lsn, checked.data(), checked.size()));
    EXPECT_TRUE(Check(bytes) == HeaderVerdict::kBadKind);
  }
}

TEST(RecordHeader, H08MixtureOfTwoHeadersAtAnyByteIsInvalid) {
  const std::vector<uint8_t> newer = Sealed(100);
  for (const std::vector<uint8_t>& older :
       {Sealed(300), Sealed(100, kLsn - 4096), std::vector<uint8_t>(124, 0)}) {
    for (size_t cut = 1; cut < kRecordHeaderBytes; cut++) {
      std::vector<uint8_t> prefix = older;
      std::copy(newer.begin(), newer.begin() + cut, prefix.begin());
      std::vector<uint8_t> suffix = newer;
      std::copy(older.begin(), older.begin() + cut, suffix.begin());
      // Where they do not differ behind the cut, the mixture is one of the two, and that is fine.
      const auto is_whole = [&](const std::vector<uint8_t>& bytes) {
        return std::equal(bytes.begin(), bytes.begin() + kRecordHeaderBytes, newer.begin()) ||
               std::equal(bytes.begin(), bytes.begin() + kRecordHeaderBytes, older.begin());
      };
      EXPECT_TRUE(is_whole(prefix) || Check(prefix) != HeaderVerdict::kValid);
      EXPECT_TRUE(is_whole(suffix) || Check(suffix) != HeaderVerdict::kValid);
    }
  }
}

TEST(RecordHeader, GoldenBytesOfVersionOne) {
  // The same bytes are in docs/FORMAT.md and in test/unit/format/golden.test.ts. They change only
  // with the version.
  LogId log_id = {};
  for (uint8_t i = 0; i < 16; i++) log_id.bytes[i] = i;
  std::vector<uint8_t> bytes(32);
  RecordFrame frame;
  frame.body_bytes = 5;
  frame.type = 7;
  FrameRecord(bytes.data(), frame);
  CopyBytes(bytes.data() + kRecordHeaderBytes, "hello", 5);
  SealRecord(bytes.data(), HeaderSeed(log_id), 48, 1, 48);
  std::string hex;
  for (const uint8_t byte : bytes) {
    char text[3];
    std::snprintf(text, sizeof(text), "%02x", byte);
    hex += text;
  }
  EXPECT_EQ(hex, std::string("37084cba1d00000001000000070001034cbb719a0000000068656c6c6f000000"));
}

}  // namespace

}  // namespace seawall::test

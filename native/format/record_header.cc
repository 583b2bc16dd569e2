#include "format/record_header.h"

#include "base/bytes.h"
#include "base/crc32c.h"

namespace seawall {

namespace {

constexpr size_t kCrcBytes = sizeof(uint32_t);
constexpr uint32_t kRecordBytesMax = kRecordHeaderBytes + layout::fragment_body_bytes_max;
constexpr uint8_t kWholeRecord = layout::flag_first | layout::flag_last;

uint32_t HeaderCrc(uint32_t header_seed, Lsn lsn, const uint8_t* header_bytes) {
  const uint32_t with_lsn = Crc32cExtend(header_seed, &lsn, sizeof(lsn));
  return Crc32cExtend(with_lsn, header_bytes + kCrcBytes, kRecordHeaderBytes - kCrcBytes);
}

bool KindAndFlagsAreKnown(const layout::RecordHeader& header) {
  switch (header.kind) {
    case layout::kind_record:
      return (header.flags & ~kWholeRecord) == 0;
    case layout::kind_incarnation:
    case layout::kind_pad:
      return header.flags == kWholeRecord && header.type == 0;
    default:
      return false;
  }
}

}  // namespace

uint32_t HeaderSeed(const LogId& log_id) { return Crc32c(log_id.bytes, sizeof(log_id.bytes)); }

void FrameRecord(uint8_t* at, const RecordFrame& frame) {
  SEAWALL_ASSERT(frame.body_bytes <= layout::fragment_body_bytes_max);
  SEAWALL_ASSERT(frame.kind != layout::kind_invalid);
  layout::RecordHeader header = {};
  header.record_bytes = static_cast<uint32_t>(kRecordHeaderBytes + frame.body_bytes);
  header.type = frame.type;
  header.kind = frame.kind;
  header.flags = frame.flags;
  StoreLittleEndian(at, header);
}

uint64_t SealRecord(uint8_t* at, uint32_t header_seed, Lsn lsn, uint32_t incarnation,
                    Lsn durable_lsn) {
  auto header = LoadLittleEndian<layout::RecordHeader>(at);
  SEAWALL_ASSERT(header.record_bytes >= kRecordHeaderBytes &&
                 header.record_bytes <= kRecordBytesMax);
  SEAWALL_ASSERT(KindAndFlagsAreKnown(header));
  SEAWALL_ASSERT(IsAligned(lsn, layout::record_alignment_bytes));
  SEAWALL_ASSERT(IsAligned(durable_lsn, layout::record_alignment_bytes) && durable_lsn <= lsn);
  const uint64_t promise_distance = (lsn - durable_lsn) / layout::record_alignment_bytes;
  SEAWALL_ASSERT(promise_distance <= UINT32_MAX);
  const uint8_t* body = at + kRecordHeaderBytes;
  header.incarnation = incarnation;
  header.promise_distance = static_cast<uint32_t>(promise_distance);
  header.body_crc = Crc32c(body, header.record_bytes - kRecordHeaderBytes);
  StoreLittleEndian(at, header);
  header.header_crc = HeaderCrc(header_seed, lsn, at);
  StoreLittleEndian(at, header.header_crc);
  const uint64_t stream_bytes = StreamBytes(header.record_bytes);
  ZeroBytes(at + header.record_bytes, stream_bytes - header.record_bytes);
  return stream_bytes;
}

const char* HeaderVerdictName(HeaderVerdict verdict) {
  switch (verdict) {
    case HeaderVerdict::kValid:
      return "valid";
    case HeaderVerdict::kZeros:
      return "zeros";
    case HeaderVerdict::kBadLength:
      return "length out of bounds";
    case HeaderVerdict::kBadChecksum:
      return "header checksum mismatch";
    case HeaderVerdict::kBadKind:
      return "unknown kind or flags";
  }
  SEAWALL_ASSERT(false && "unknown verdict");
}

HeaderVerdict CheckRecordHeader(const uint8_t* bytes, uint32_t header_seed, Lsn lsn,
                                layout::RecordHeader* header) {
  *header = LoadLittleEndian<layout::RecordHeader>(bytes);
  if (header->record_bytes == 0) {
    return AllZero(bytes, kRecordHeaderBytes) ? HeaderVerdict::kZeros : HeaderVerdict::kBadLength;
  }
  if (header->record_bytes < kRecordHeaderBytes || header->record_bytes > kRecordBytesMax)
    return HeaderVerdict::kBadLength;
  if (header->header_crc != HeaderCrc(header_seed, lsn, bytes)) return HeaderVerdict::kBadChecksum;
  if (!KindAndFlagsAreKnown(*header)) return HeaderVerdict::kBadKind;
  if (uint64_t{header->promise_distance} * layout::record_alignment_bytes > lsn)
    return HeaderVerdict::kBadKind;
  return HeaderVerdict::kValid;
}

bool BodyMatches(const layout::RecordHeader& header, const uint8_t* body) {
  return header.body_crc == Crc32c(body, header.record_bytes - kRecordHeaderBytes);
}

Lsn PromiseOf(const layout::RecordHeader& header, Lsn lsn) {
  const uint64_t distance = uint64_t{header.promise_distance} * layout::record_alignment_bytes;
  SEAWALL_ASSERT(distance <= lsn);
  return lsn - distance;
}

}  // namespace seawall

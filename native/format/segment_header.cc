#include "format/segment_header.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "format/version_check.h"

namespace seawall {

namespace {

constexpr size_t kCheckedBytes = sizeof(layout::SegmentHeader) - sizeof(uint32_t);

}  // namespace

void EncodeSegmentHeader(const SegmentHeaderFields& fields, uint8_t* block) {
  SEAWALL_ASSERT(fields.geometry.IsValid());
  ZeroBytes(block, fields.geometry.block_bytes);
  layout::SegmentHeader header = {};
  header.magic = layout::segment_magic;
  header.format_version = layout::format_version;
  header.block_bytes = fields.geometry.block_bytes;
  header.log_id = fields.log_id;
  header.segment_number = fields.segment_number;
  header.start_lsn = fields.geometry.StartOf(fields.segment_number);
  header.segment_bytes = fields.geometry.segment_bytes;
  header.in_flight_max_bytes = fields.in_flight_max_bytes;
  header.incarnation = fields.incarnation;
  header.io_alignment_bytes = fields.io_alignment_bytes;
  header.prepared_at_ms = fields.prepared_at_ms;
  header.header_crc = Crc32c(&header, kCheckedBytes);
  StoreLittleEndian(block, header);
}

Status ParseSegmentHeader(const uint8_t* block, const std::string& path,
                          SegmentHeaderFields* fields) {
  const auto header = LoadLittleEndian<layout::SegmentHeader>(block);
  if (header.magic != layout::segment_magic) {
    SEAWALL_RETURN_IF_ERROR(CheckByteOrder(header.magic, layout::segment_magic, path));
    return Status::Error(Code::kCorruptLog, "the segment header is damaged: wrong magic")
        .WithPath(path);
  }
  SEAWALL_RETURN_IF_ERROR(CheckFormatVersion(header.format_version, path));
  const LogGeometry geometry = {header.segment_bytes, header.block_bytes};
  if (header.header_crc != Crc32c(&header, kCheckedBytes) || !geometry.IsValid() ||
      header.start_lsn != geometry.StartOf(header.segment_number)) {
    return Status::Error(Code::kCorruptLog, "the segment header is damaged: checksum mismatch")
        .WithPath(path);
  }
  fields->log_id = header.log_id;
  fields->geometry = geometry;
  fields->segment_number = header.segment_number;
  fields->in_flight_max_bytes = header.in_flight_max_bytes;
  fields->incarnation = header.incarnation;
  fields->io_alignment_bytes = header.io_alignment_bytes;
  fields->prepared_at_ms = header.prepared_at_ms;
  return Status::Ok();
}

Status CheckSegmentIdentity(const SegmentHeaderFields& fields, const SegmentHeaderFields& expected,
                            const std::string& path) {
  if (!(fields.log_id == expected.log_id)) {
    return Status::Error(Code::kLogMismatch, "the segment belongs to another log").WithPath(path);
  }
  if (fields.segment_number != expected.segment_number ||
      fields.geometry.segment_bytes != expected.geometry.segment_bytes ||
      fields.geometry.block_bytes != expected.geometry.block_bytes) {
    return Status::Error(Code::kLogMismatch, "the segment belongs to another place in the log")
        .WithPath(path);
  }
  return Status::Ok();
}

Status DecodeSegmentHeader(const uint8_t* block, const SegmentHeaderFields& expected,
                           const std::string& path, SegmentHeaderFields* fields) {
  Status parsed = ParseSegmentHeader(block, path, fields);
  if (parsed.code() == Code::kCorruptLog) {
    return std::move(parsed).WithLsn(expected.geometry.StartOf(expected.segment_number));
  }
  SEAWALL_RETURN_IF_ERROR(std::move(parsed));
  return CheckSegmentIdentity(*fields, expected, path);
}

}  // namespace seawall

#include "format/master_record.h"

#include "base/align.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "format/version_check.h"

namespace seawall {

namespace {

constexpr size_t kCheckedBytes = sizeof(layout::MasterRecord) - sizeof(uint32_t);

Status Damaged(const char* what, const std::string& path) {
  return Status::Error(Code::kCorruptLog, std::string("the master record is damaged: ") + what)
      .WithPath(path);
}

// A checksum that is right says nothing about who wrote it: everything that relies on these fields
// asserts what is checked here.
bool FieldsAgree(const MasterFields& fields) {
  return fields.geometry.IsValid() && fields.geometry.Reaches(fields.last_segment) &&
         IsAligned(fields.oldest_lsn, layout::record_alignment_bytes) &&
         IsAligned(fields.promise_lsn, layout::record_alignment_bytes) &&
         fields.incarnation_start_lsn <= fields.promise_lsn &&
         fields.checkpoint_lsn <= layout::lsn_max && fields.oldest_lsn <= fields.promise_lsn &&
         fields.promise_lsn <= layout::lsn_max &&
         fields.geometry.SegmentOf(fields.oldest_lsn) <= fields.last_segment + 1 &&
         fields.promise_lsn <= fields.geometry.EndOf(fields.last_segment);
}

}  // namespace

void EncodeMasterSlot(const MasterFields& fields, uint8_t* slot) {
  SEAWALL_ASSERT(FieldsAgree(fields));
  ZeroBytes(slot, layout::master_slot_bytes);
  layout::MasterRecord record = {};
  record.magic = layout::master_magic;
  record.format_version = layout::format_version;
  record.flags = fields.clean ? layout::master_flag_clean : 0;
  record.log_id = fields.log_id;
  record.sequence = fields.sequence;
  record.segment_bytes = fields.geometry.segment_bytes;
  record.block_bytes = fields.geometry.block_bytes;
  record.incarnation = fields.incarnation;
  record.incarnation_start_lsn = fields.incarnation_start_lsn;
  record.promise_lsn = fields.promise_lsn;
  record.oldest_lsn = fields.oldest_lsn;
  record.last_segment = fields.last_segment;
  record.in_flight_max_bytes = fields.in_flight_max_bytes;
  record.checkpoint_lsn = fields.checkpoint_lsn;
  record.created_at_ms = fields.created_at_ms;
  record.record_crc = Crc32c(&record, kCheckedBytes);
  StoreLittleEndian(slot, record);
}

Status DecodeMasterSlot(const uint8_t* slot, const std::string& path, MasterFields* fields) {
  const auto record = LoadLittleEndian<layout::MasterRecord>(slot);
  if (record.magic != layout::master_magic) {
    SEAWALL_RETURN_IF_ERROR(CheckByteOrder(record.magic, layout::master_magic, path));
    return Damaged("wrong magic", path);
  }
  // A later version may check its record over other bytes, so the version is looked at before the
  // checksum.
  SEAWALL_RETURN_IF_ERROR(CheckFormatVersion(record.format_version, path));
  if (record.record_crc != Crc32c(&record, kCheckedBytes))
    return Damaged("checksum mismatch", path);
  fields->log_id = record.log_id;
  fields->geometry = {record.segment_bytes, record.block_bytes};
  fields->sequence = record.sequence;
  fields->incarnation = record.incarnation;
  fields->clean = (record.flags & layout::master_flag_clean) != 0;
  fields->incarnation_start_lsn = record.incarnation_start_lsn;
  fields->promise_lsn = record.promise_lsn;
  fields->oldest_lsn = record.oldest_lsn;
  fields->last_segment = record.last_segment;
  fields->in_flight_max_bytes = record.in_flight_max_bytes;
  fields->checkpoint_lsn = record.checkpoint_lsn;
  fields->created_at_ms = record.created_at_ms;
  if (!FieldsAgree(*fields)) return Damaged("its fields contradict each other", path);
  return Status::Ok();
}

Status ChooseMasterSlot(const uint8_t* slot0, const uint8_t* slot1, const std::string& path,
                        MasterFields* fields) {
  MasterFields fields0;
  MasterFields fields1;
  Status status0 = DecodeMasterSlot(slot0, path, &fields0);
  Status status1 = DecodeMasterSlot(slot1, path, &fields1);
  if (status0.code() == Code::kUnsupportedFormat) return status0;
  if (status1.code() == Code::kUnsupportedFormat) return status1;
  if (!status0.ok() && !status1.ok()) return status0;
  if (status0.ok() && status1.ok() && !(fields0.log_id == fields1.log_id)) {
    return Status::Error(Code::kLogMismatch,
                         "the two slots of the master record belong to different logs")
        .WithPath(path);
  }
  const bool take0 = status0.ok() && (!status1.ok() || fields0.sequence > fields1.sequence);
  *fields = take0 ? fields0 : fields1;
  return Status::Ok();
}

}  // namespace seawall

// Goal: a master record whose checksum is right and whose fields make no sense is damage, not an
// assertion somewhere else. Method: encoded slots with one field changed and a new checksum.
#include "format/master_record.h"

#include <cstddef>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

MasterFields GoodFields() {
  MasterFields fields;
  fields.geometry = {uint64_t{1} << 20, 4096};
  fields.incarnation = 3;
  fields.incarnation_start_lsn = 4800;
  fields.promise_lsn = 8000;
  fields.oldest_lsn = 800;
  fields.last_segment = 2;
  fields.in_flight_max_bytes = 1 << 20;
  fields.checkpoint_lsn = 1600;
  return fields;
}

Status DecodedAfter(const std::function<void(layout::MasterRecord*)>& change) {
  std::vector<uint8_t> slot(layout::master_slot_bytes);
  EncodeMasterSlot(GoodFields(), slot.data());
  auto record = LoadLittleEndian<layout::MasterRecord>(slot.data());
  change(&record);
  record.record_crc = Crc32c(&record, offsetof(layout::MasterRecord, record_crc));
  StoreLittleEndian(slot.data(), record);
  MasterFields fields;
  return DecodeMasterSlot(slot.data(), "/log/master", &fields);
}

TEST(MasterRecord, FieldsThatNothingWasChangedIn_AreRead) {
  EXPECT_OK(DecodedAfter([](layout::MasterRecord*) {}));
}

TEST(MasterRecord, H45FieldsThatContradictEachOtherUnderARightChecksum_AreDamage) {
  using Record = layout::MasterRecord;
  const std::function<void(Record*)> changes[] = {
      [](Record* r) { r->incarnation_start_lsn = 8008; },
      [](Record* r) { r->promise_lsn = 8001; },
      [](Record* r) { r->oldest_lsn = 801; },
      [](Record* r) { r->oldest_lsn = 8008; },
      [](Record* r) { r->promise_lsn = uint64_t{1} << 40; },
      [](Record* r) { r->promise_lsn = UINT64_MAX - 7; },
      [](Record* r) { r->checkpoint_lsn = uint64_t{1} << 60; },
      [](Record* r) { r->last_segment = UINT64_MAX; },
      [](Record* r) { r->last_segment = uint64_t{1} << 50; },
      [](Record* r) { r->block_bytes = uint32_t{1} << 21; },
      [](Record* r) { r->block_bytes = 4097; },
      [](Record* r) { r->block_bytes = 0; },
      [](Record* r) { r->segment_bytes = 4096; },
      [](Record* r) { r->segment_bytes = (uint64_t{1} << 20) + 1; },
      [](Record* r) { r->segment_bytes = uint64_t{1} << 60; },
  };
  for (const auto& change : changes) EXPECT_TRUE(DecodedAfter(change).code() == Code::kCorruptLog);
}

}  // namespace

}  // namespace seawall::test

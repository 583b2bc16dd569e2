#include "format/page_header.h"

#include "base/align.h"
#include "base/bytes.h"
#include "base/crc32c.h"

namespace seawall {

namespace {

uint32_t ChecksumOf(const uint8_t* page, size_t page_bytes, uint32_t seed) {
  constexpr size_t kCrcBytes = sizeof(layout::PageHeader::page_crc);
  return Crc32cExtend(seed, page + kCrcBytes, page_bytes - kCrcBytes);
}

}  // namespace

uint32_t PageSeed(const LogId& log_id) { return Crc32c(log_id.bytes, sizeof(log_id.bytes)); }

bool IsPageSize(uint64_t page_bytes) {
  return IsPowerOfTwo(page_bytes) && page_bytes >= layout::page_bytes_min &&
         page_bytes <= layout::page_bytes_max;
}

layout::PageHeader LoadPageHeader(const uint8_t* page) {
  return LoadLittleEndian<layout::PageHeader>(page);
}

void SealPage(uint8_t* page, size_t page_bytes, uint32_t seed) {
  SEAWALL_ASSERT(IsPageSize(page_bytes));
  StoreLittleEndian(page, ChecksumOf(page, page_bytes, seed));
}

PageCondition ExaminePage(const uint8_t* page, size_t page_bytes, uint32_t seed, uint32_t page_id) {
  SEAWALL_ASSERT(IsPageSize(page_bytes));
  const layout::PageHeader header = LoadPageHeader(page);
  if (header.page_crc != ChecksumOf(page, page_bytes, seed)) {
    return AllZero(page, page_bytes) ? PageCondition::kNeverWritten : PageCondition::kDamaged;
  }
  return header.page_id == page_id ? PageCondition::kValid : PageCondition::kMisplaced;
}

}  // namespace seawall

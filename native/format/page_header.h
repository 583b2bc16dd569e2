// The header of a data page: where its checksum, its identity and its pageLSN stand. Pure.
//
// The WAL rule, stated once: a page may be written to the data file only when pageLSN < flushedLSN,
// that is, when every record applied to it is durable. page/page_store.cc enforces it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/layout.h"
#include "format/lsn.h"

namespace seawall {

// Part of every page checksum, so that a page of another store never validates.
uint32_t PageSeed(const LogId& log_id);

bool IsPageSize(uint64_t page_bytes);

layout::PageHeader LoadPageHeader(const uint8_t* page);

// Fills in the checksum. The page's id is among the bytes that it covers, so a page that lands in
// another page's place never validates there.
void SealPage(uint8_t* page, size_t page_bytes, uint32_t seed);

enum class PageCondition : uint8_t {
  kValid,
  kNeverWritten,  // all zeros
  kDamaged,       // the checksum does not match: torn, rotten, or of another store
  kMisplaced,     // whole, but another page's
};

PageCondition ExaminePage(const uint8_t* page, size_t page_bytes, uint32_t seed, uint32_t page_id);

}  // namespace seawall

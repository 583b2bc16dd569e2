// The few numbers that the log shows to JavaScript without a call: an array of doubles in shared
// memory. An LSN below 2^53 is exact in a double, and JavaScript reads a Float64Array element in
// one load.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "format/lsn.h"

namespace seawall {

struct ControlBlock {
  // The order is known to lib/native/binding.ts (ControlIndex).
  std::atomic<double> flushed_lsn{0};  // exclusive end of the durable records
  std::atomic<double> append_limit_lsn{
      0};  // records may be framed up to here; 0 once poisoned or closed
  std::atomic<double> oldest_lsn{0};
  std::atomic<double> poisoned{0};  // 1 after the first failed write or sync
  std::atomic<double> reserved[4] = {};

  static void Store(std::atomic<double>& field, Lsn value) {
    field.store(static_cast<double>(value), std::memory_order_release);
  }
};

static_assert(std::atomic<double>::is_always_lock_free);
static_assert(sizeof(ControlBlock) == 64);

}  // namespace seawall

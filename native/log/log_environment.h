// What a log is opened with: the options of the caller and the outside world, all of it replaceable
// in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "format/lsn.h"
#include "io/storage.h"

namespace seawall {

// Clock and randomness. The defaults are the real ones.
struct LogEnvironment {
  uint64_t (*wall_clock_ms)() = nullptr;
  uint64_t (*monotonic_us)() = nullptr;
  void (*fill_random)(void* bytes, size_t count) = nullptr;

  static LogEnvironment Real();
};

struct LogOptions {
  // Files. Frozen when the log is created; 0 at a later open means "as it is", another value is
  // kOptionMismatch.
  uint64_t segment_bytes = 0;
  static constexpr uint64_t kDefaultSegmentBytes = uint64_t{64} << 20;

  bool read_only = false;
  uint64_t buffer_bytes = uint64_t{16} << 20;  // power of two
  // 0: no limit. Opening may exceed it by one segment, appending never.
  uint64_t max_log_bytes = 0;
  uint32_t segments_ahead = 1;  // prepared beyond the one being written
  uint32_t writes_in_flight_max = 4;
  uint32_t commit_delay_us = 0;
  uint32_t commit_siblings = 5;
  uint32_t idle_mark_ms = 100;
  // No acknowledged block is ever written again: here, that of the incarnation record. The appender
  // pads its own.
  bool pad_to_block = false;
  bool sync_each_write = true;  // small batches are one durable write; false: write, then sync
  // Largest read of a scan, a multiple of 4096. Small in tests that count what a recovery reads.
  uint64_t scan_read_bytes_max = uint64_t{1} << 20;
  // False in tests that drive the log step by step: no thread is started, see
  // Log::RunBackgroundOnce.
  bool start_threads = true;
};

// Phases of a long open, for progress display.
enum class OpenPhase : uint8_t { kLocking, kSyncing, kScanning, kPreparing };
using OpenProgress =
    std::function<void(OpenPhase phase, uint64_t done_bytes, uint64_t total_bytes)>;

enum class TailDecision : uint8_t {
  kCreated,   // there was no log
  kCleanEnd,  // nothing was written beyond the end
  kTornTail,  // bytes beyond the end that were never promised to anyone; cut
};

// What opening found and what it decided.
struct RecoveryReport {
  TailDecision decision = TailDecision::kCreated;
  bool closed_cleanly = false;  // the previous user closed the log in order
  uint32_t incarnation = 0;     // of this open; of the last writer when read-only
  Lsn oldest_lsn = 0;
  Lsn end_lsn = 0;            // end of what was kept
  uint64_t last_segment = 0;  // the last segment file of the log
  Lsn scanned_from_lsn = 0;   // everything below was promised by the master record
  uint64_t scanned_records = 0;
  uint64_t cut_bytes = 0;  // bytes of records beyond the end that were discarded
  Lsn checkpoint_lsn = 0;  // where a restart begins; 0 when no checkpoint was ever taken
  Lsn promise_lsn = 0;     // the furthest promise that was found
  std::string reason;      // why the log ends there, in words
  uint64_t duration_us = 0;
};

}  // namespace seawall

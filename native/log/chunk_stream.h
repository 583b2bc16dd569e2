// ChunkStream: the raw bytes of the log stream in large pieces, read ahead. Knows segments, not
// records.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "io/aligned_buffer.h"
#include "io/storage.h"
#include "log/chunk_buffers.h"
#include "log/segment_files.h"

namespace seawall {

// A piece of the stream in memory: data[0] stands at `lsn`.
struct StreamWindow {
  const uint8_t* data = nullptr;
  size_t bytes = 0;
  Lsn lsn = 0;
  Lsn end() const { return lsn + bytes; }
};

class ChunkStream {
 public:
  enum class Unreadable : uint8_t {
    kFail,     // a read error ends the stream
    kReplace,  // a sector that the medium has lost becomes 0xFF bytes, which no checksum accepts
               // (recovery)
  };

  // Reads are at most `read_bytes_max`, a multiple of the block.
  ChunkStream(SegmentFiles* segments, std::unique_ptr<IoQueue> queue, Lsn start,
              uint64_t read_bytes_max, Unreadable unreadable);
  // Waits for the reads in flight.
  ~ChunkStream();
  ChunkStream(const ChunkStream&) = delete;
  ChunkStream& operator=(const ChunkStream&) = delete;

  // Moves the window to begin at `from` (inside the current window, or its end) and appends at
  // least one more chunk to what remains of it, as far as there is any below `limit`. A window that
  // did not grow has reached `limit`. Bytes at and above `limit` are never shown. `limit` may grow
  // from call to call. After an error the window is as before.
  Status Advance(Lsn from, Lsn limit);
  const StreamWindow& window() const { return window_; }

  // The start of the memory that the window lies in.
  const uint8_t* buffer_data() const { return buffer_.get(); }

  // Gives the memory of the window away. The window goes on, with [from, window end), in memory of
  // its own.
  std::shared_ptr<uint8_t> TakeBuffer(Lsn from);

  uint64_t unreadable_sectors() const { return unreadable_sectors_; }

 private:
  struct Read;

  std::shared_ptr<uint8_t> NewBuffer(size_t bytes);
  void SubmitAhead(Lsn limit);
  Status SubmitOne(Lsn limit);
  Status AwaitFront();
  Status ReadSectorBySector(Read* read);
  void DropBefore(Lsn from);

  SegmentFiles* const segments_;
  const std::unique_ptr<IoQueue> queue_;
  const Unreadable unreadable_;
  const uint64_t chunk_bytes_max_;
  const uint64_t headroom_bytes_;
  // For chunks of chunk_bytes_max_.
  const std::shared_ptr<ChunkBuffers> full_buffers_;
  std::deque<std::unique_ptr<Read>> reads_;  // in stream order
  size_t in_flight_ = 0;
  Lsn next_read_;         // where the next read begins
  uint64_t chunk_bytes_;  // grows while the scan goes on
  Status
      submit_status_;  // of the read at next_read_; reported once the reads before it are used up
  StreamWindow window_;
  std::shared_ptr<uint8_t> buffer_;  // memory of window_
  uint64_t unreadable_sectors_ = 0;
};

}  // namespace seawall

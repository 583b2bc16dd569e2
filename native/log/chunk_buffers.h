// ChunkBuffers: the memory that a scan reads into. What has been read and looked at is used again:
// fresh memory costs a page fault for every 4 KiB, as much as a third of what a fast drive takes to
// fill it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace seawall {

class ChunkBuffers : public std::enable_shared_from_this<ChunkBuffers> {
 public:
  explicit ChunkBuffers(size_t buffer_bytes);
  ~ChunkBuffers();
  ChunkBuffers(const ChunkBuffers&) = delete;
  ChunkBuffers& operator=(const ChunkBuffers&) = delete;

  // `buffer_bytes`, aligned for direct I/O; its content is undefined. Back here when its last owner
  // lets go of it, on any thread; all memory goes when nobody owns a buffer and the scan is over.
  std::shared_ptr<uint8_t> Take();

 private:
  void GiveBack(uint8_t* buffer);
  void AddRegion();

  const size_t buffer_bytes_;
  std::mutex mutex_;
  std::vector<uint8_t*> spare_;    // guarded by mutex_; the last one back is the first one out
  std::vector<uint8_t*> regions_;  // guarded by mutex_
};

}  // namespace seawall

// PageFile: the data file of a store. Page 0 is its header; page `id` stands at id x page_bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "format/layout.h"
#include "io/storage.h"

namespace seawall {

class PageFile {
 public:
  // Opens the data file in `directory`, its header checked against `log_id` and `page_bytes` (0:
  // as it is). kNotFound when there is none; kOptionMismatch, kLogMismatch, kUnsupportedFormat,
  // kCorruptStore.
  static Status Open(Storage* storage, const std::string& directory, const LogId& log_id,
                     uint32_t page_bytes, OpenMode mode, std::unique_ptr<PageFile>* file);
  // Makes one that holds nothing but its header: complete under a temporary name, then renamed, so
  // that a crash leaves none or a whole one.
  static Status Create(Storage* storage, const std::string& directory, const LogId& log_id,
                       uint32_t page_bytes, uint64_t now_ms);

  uint32_t page_bytes() const { return page_bytes_; }
  uint32_t seed() const { return seed_; }
  uint64_t created_at_ms() const { return created_at_ms_; }
  File* file() const { return file_.get(); }
  uint64_t OffsetOf(uint32_t page_id) const { return uint64_t{page_id} * page_bytes_; }

  // Pages that the file has room for, page 0 included. Any thread.
  uint64_t pages() const { return pages_.load(std::memory_order_acquire); }
  // Makes room for `pages`; never shrinks. Durable with the next Sync of the file. kNoSpace leaves
  // the file as it was.
  Status Grow(uint64_t pages);

 private:
  PageFile(std::unique_ptr<File> file, const layout::StoreHeader& header, uint64_t file_bytes);

  const std::unique_ptr<File> file_;
  const uint32_t page_bytes_;
  const uint32_t seed_;
  const uint64_t created_at_ms_;
  std::mutex grow_mutex_;
  std::atomic<uint64_t> pages_;
};

}  // namespace seawall

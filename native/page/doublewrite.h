// Doublewrite: a copy of each page of a batch, durable before the page's own place is touched, so
// that a torn page can be repaired.
//
// Why a copy is always the right one (H29). The file holds one batch at a time. A batch is written
// only when every page of the one before is durable in its place, and pages are written in no other
// way while the file exists. So a copy named by a whole header is the last version that was ever
// sent to the page's place, and the log from its pageLSN on is still there. A header that is torn
// belongs to a batch whose pages were not touched yet. A store that is opened without doublewrite
// removes the file, because its copies would grow old.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "format/lsn.h"
#include "io/storage.h"
#include "page/page_file.h"

namespace seawall {

class Doublewrite {
 public:
  // Repairs every damaged page of the data file that has a copy, durably. `end_lsn` is the end of
  // the log: a copy that lies beyond it is not taken. Nothing happens when there is no file or no
  // whole batch in it. REQUIRES: the data file is open for writing.
  static Status Repair(Storage* storage, const std::string& directory, const LogId& log_id,
                       PageFile* pages, Lsn end_lsn, std::vector<uint32_t>* repaired);
  // A whole copy of a page in the file.
  struct Copy {
    uint32_t page_id;
    Lsn page_lsn;
  };
  // The whole copies that Repair would look at; none when there is no file. Changes nothing.
  static Status ListCopies(Storage* storage, const std::string& directory, const LogId& log_id,
                           const PageFile& pages, std::vector<Copy>* copies);
  // Removes the file, durably.
  static Status Remove(Storage* storage, const std::string& directory);
  // Opens or creates the file, with room for the largest batch.
  static Status Open(Storage* storage, const std::string& directory, const LogId& log_id,
                     uint32_t page_bytes, uint32_t batch_pages_max,
                     std::unique_ptr<Doublewrite>* doublewrite);

  // Makes a copy of `count` sealed pages durable. `block` holds one page of room for the header,
  // then the pages in a row. REQUIRES: every page of the batch before is durable in its place.
  Status Write(uint8_t* block, const std::vector<uint32_t>& page_ids);

 private:
  Doublewrite(std::unique_ptr<File> file, const LogId& log_id, uint32_t page_bytes);

  const std::unique_ptr<File> file_;
  const LogId log_id_;
  const uint32_t page_bytes_;
  uint64_t sequence_ = 0;
};

}  // namespace seawall

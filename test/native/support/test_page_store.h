// A page store on a SimulatedDisk beside a log that is a number.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "format/page_header.h"
#include "page/page_store.h"
#include "support/simulated.h"
#include "support/test_main.h"

namespace seawall::test {

inline constexpr uint32_t kPageBytes = 4096;
inline constexpr const char* kStoreDirectory = "/store";
inline const LogId kLogId = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

// A store and the end of its log, as a number.
class TestStore {
 public:
  explicit TestStore(std::shared_ptr<SimulatedDisk> disk, bool doublewrite = true,
                     Lsn flushed_lsn = 1000)
      : flushed_lsn(flushed_lsn), storage_(NewSimulatedStorage(std::move(disk))) {
    PageStoreOptions options;
    options.page_bytes = kPageBytes;
    options.doublewrite = doublewrite;
    options.start_threads = false;
    LogHorizon horizon;
    horizon.flushed_lsn = [this] { return this->flushed_lsn; };
    horizon.wait_flushed = [this](Lsn lsn) { return wait_flushed(lsn); };
    status_ = storage_->CreateDirectory(kStoreDirectory);
    if (status_.ok()) status_ = Open(options, horizon);
    if (status_.code() == Code::kNotFound) {
      status_ = PageFile::Create(storage_.get(), kStoreDirectory, kLogId, kPageBytes, 0);
      if (status_.ok()) status_ = Open(options, horizon);
    }
  }

  const Status& status() const { return status_; }
  const std::vector<uint32_t>& repaired() const { return repaired_; }
  PageStore* store() { return store_.get(); }

  // Puts a page full of `fill` into frame `frame`.
  void Fill(uint32_t frame, uint32_t page_id, Lsn page_lsn, char fill) {
    uint8_t* const page = store_->frames()->At(frame);
    std::fill(page, page + kPageBytes, static_cast<uint8_t>(fill));
    layout::PageHeader header = {};
    header.page_id = page_id;
    header.page_lsn = page_lsn;
    header.page_type = layout::page_type_user;
    StoreLittleEndian(page, header);
  }

  Status Write(const std::vector<uint32_t>& frames) {
    return store_->Write(store_->Stage(frames.data(), frames.size()).get());
  }

  // Pages 1 to `count`, all with `fill`, as one batch.
  Status WritePages(uint32_t count, Lsn page_lsn, char fill) {
    std::vector<uint32_t> frames;
    for (uint32_t id = 1; id <= count; id++) {
      Fill(id, id, page_lsn, fill);
      frames.push_back(id);
    }
    return Write(frames);
  }

  PageReadResult Read(uint32_t page_id) {
    const PageRead read = {page_id, 0};
    store_->Read(&read, 1, &results_);
    results_.clear();
    while (store_->reader()->RunOnce()) {
    }
    SEAWALL_ASSERT(results_.size() == 1);
    return results_[0];
  }

  // The letter that page `page_id` is full of; '?' when it is not whole.
  char Letter(uint32_t page_id) {
    const PageReadResult result = Read(page_id);
    if (result.outcome == PageReadOutcome::kNeverWritten) return '0';
    if (result.outcome != PageReadOutcome::kValid) return '?';
    const uint8_t* const body = store_->frames()->At(0) + sizeof(layout::PageHeader);
    for (size_t i = 0; i < kPageBytes - sizeof(layout::PageHeader); i++)
      if (body[i] != body[0]) return '!';
    return static_cast<char>(body[0]);
  }

  Lsn flushed_lsn;
  std::function<Status(Lsn)> wait_flushed = [](Lsn) {
    return Status::Error(Code::kPoisoned, "the log is gone");
  };

 private:
  Status Open(const PageStoreOptions& options, const LogHorizon& horizon) {
    return PageStore::Open(
        storage_.get(), kStoreDirectory, kLogId, flushed_lsn, options, horizon,
        [this](const std::vector<PageReadResult>& results) {
          results_.insert(results_.end(), results.begin(), results.end());
        },
        &store_, &repaired_);
  }

  std::unique_ptr<Storage> storage_;
  std::vector<PageReadResult> results_;
  std::vector<uint32_t> repaired_;
  std::unique_ptr<PageStore> store_;
  Status status_;
};

inline constexpr const char* kDataPath = "/store/pages";
inline constexpr const char* kDoublewritePath = "/store/doublewrite";

}  // namespace seawall::test

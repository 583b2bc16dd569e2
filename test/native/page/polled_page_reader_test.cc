// Goal: every read that was asked for is answered once, with how the page was found, also when
// there are more of them than may be in flight, and a reader may go away with reads under way (H22,
// H42).
// Method: a queue that completes when and how the test says; then a real file through
// io_uring, where the kernel has what is needed.
#include "page/polled_page_reader.h"

#include <poll.h>
#include <cerrno>
#include <map>

#include "io/posix_storage.h"
#include "support/temporary_directory.h"
#include "support/test_page_store.h"

namespace seawall::test {

namespace {

constexpr uint32_t kPages = 12;
constexpr uint32_t kCapacity = 6;

// Reads when a read is submitted, and tells of it when it is asked to.
class ScriptedQueue final : public PollableQueue {
 public:
  explicit ScriptedQueue(std::map<uint64_t, int> failures) : failures_(std::move(failures)) {}

  uint32_t capacity() const override { return kCapacity; }
  int descriptor() const override { return -1; }
  void SubmitWrite(File*, uint64_t, const IoSlice*, int, Durability, uint64_t) override {}
  void SubmitSync(File*, uint64_t) override {}
  void SubmitRead(File* file, uint64_t offset, void* data, size_t bytes, uint64_t tag) override {
    const auto failure = failures_.find(offset / bytes);
    Status status = failure == failures_.end()
                        ? file->ReadAt(offset, data, bytes)
                        : Status::FromErrno(failure->second, "read", file->path());
    SEAWALL_ASSERT(queued_.size() + done_.size() < kCapacity);
    queued_.push_back({tag, std::move(status)});
  }
  void Flush() override {
    done_.insert(done_.end(), queued_.begin(), queued_.end());
    queued_.clear();
  }
  // The last one first.
  size_t Take(IoCompletion* completions, size_t max) override {
    size_t count = 0;
    for (; count < max && !done_.empty(); count++) {
      completions[count] = done_.back();
      done_.pop_back();
    }
    return count;
  }
  size_t Wait(IoCompletion* completions, size_t max) override { return Take(completions, max); }

 private:
  const std::map<uint64_t, int> failures_;  // errno by page
  std::vector<IoCompletion> queued_;
  std::vector<IoCompletion> done_;
};

LogHorizon HorizonAt(Lsn lsn) {
  LogHorizon horizon;
  horizon.flushed_lsn = [lsn] { return lsn; };
  horizon.wait_flushed = [](Lsn) { return Status::Ok(); };
  return horizon;
}

PageReadOutcome ExpectedOutcome(uint32_t page_id) {
  switch (page_id) {
    case 2:
      return PageReadOutcome::kFailed;
    case 3:
      return PageReadOutcome::kDamaged;
    case 4:
      return PageReadOutcome::kAheadOfLog;
    default:
      return page_id <= kPages ? PageReadOutcome::kValid : PageReadOutcome::kNeverWritten;
  }
}

}  // namespace

TEST(PolledPageReader, MoreReadsThanMayBeInFlightAreAnsweredOnceEachAsTheyAreFound) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk, true, 5000);
    ASSERT_OK(store.WritePages(kPages, 10, 'a'));
    store.Fill(0, 4, 4000, 'b');
    ASSERT_OK(store.Write({0}));
  }
  auto storage = NewSimulatedStorage(disk);
  std::unique_ptr<PageFile> file;
  ASSERT_OK(PageFile::Open(storage.get(), kStoreDirectory, kLogId, kPageBytes, OpenMode::kReadWrite,
                           &file));
  PageFrames frames(kPages + 3, kPageBytes, 4096);
  const std::map<uint64_t, int> failures = {{2, EMFILE}, {3, ENODATA}};
  PolledPageReader reader({file.get(), &frames, HorizonAt(1000)},
                          std::make_unique<ScriptedQueue>(failures));
  std::vector<PageRead> reads;
  for (uint32_t id = 1; id <= kPages; id++) reads.push_back({id, id});
  // Beyond the end of the file.
  reads.push_back({100000, kPages + 1});
  std::map<uint32_t, PageReadResult> found;
  std::vector<PageReadResult> results;
  reader.Add(reads.data(), reads.size(), &results);
  EXPECT_EQ(results.size(), size_t{0});
  for (bool more = true; more;) {
    results.clear();
    reader.Take(&results);
    more = !results.empty();
    for (const PageReadResult& result : results)
      EXPECT_TRUE(found.emplace(result.page_id, result).second);
  }
  EXPECT_EQ(found.size(), size_t{kPages + 1});
  for (const auto& [id, result] : found) {
    EXPECT_TRUE(result.outcome == ExpectedOutcome(id));
    if (id == 2) EXPECT_EQ(result.sys_errno, EMFILE);
  }
}

TEST(PolledPageReader, PageBeyondTheEndIsAnsweredAtOnce) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(kPages, 10, 'a'));
  }
  auto storage = NewSimulatedStorage(disk);
  std::unique_ptr<PageFile> file;
  ASSERT_OK(PageFile::Open(storage.get(), kStoreDirectory, kLogId, kPageBytes, OpenMode::kReadWrite,
                           &file));
  PageFrames frames(1, kPageBytes, 4096);
  frames.At(0)[7] = 7;
  PolledPageReader reader({file.get(), &frames, HorizonAt(1000)},
                          std::make_unique<ScriptedQueue>(std::map<uint64_t, int>()));
  std::vector<PageReadResult> results;
  const PageRead read = {100000, 0};
  reader.Add(&read, 1, &results);
  ASSERT_TRUE(results.size() == 1);
  EXPECT_TRUE(results[0].outcome == PageReadOutcome::kNeverWritten);
  EXPECT_EQ(int{frames.At(0)[7]}, 0);
}

namespace {

// A store on the real file system that reads through a ring; null where there is none.
Status OpenPolled(Storage* storage, const std::string& directory,
                  std::unique_ptr<PageStore>* store) {
  PageStoreOptions options;
  options.page_bytes = kPageBytes;
  options.polled_reads = true;
  options.polled_reads_in_flight_max = kCapacity;
  options.start_threads = false;
  std::vector<uint32_t> repaired;
  SEAWALL_RETURN_IF_ERROR(PageStore::Open(
      storage, directory, kLogId, 1000, options, HorizonAt(1000),
      [](const std::vector<PageReadResult>&) {}, store, &repaired));
  if ((*store)->polled_reader() == nullptr) store->reset();
  return Status::Ok();
}

Status WritePages(PageStore* store) {
  std::vector<uint32_t> written;
  for (uint32_t id = 1; id <= kPages; id++) {
    layout::PageHeader header = {};
    header.page_id = id;
    header.page_lsn = 10;
    header.page_type = layout::page_type_user;
    StoreLittleEndian(store->frames()->At(id), header);
    written.push_back(id);
  }
  return store->Write(store->Stage(written.data(), written.size()).get());
}

}  // namespace

TEST(PolledPageReader, OnARealFileEveryReadIsAnsweredAndItMayGoAwayWithReadsUnderWay) {
  TemporaryDirectory directory;
  std::unique_ptr<Storage> storage;
  ASSERT_OK(NewPosixStorage(directory.path(), {}, &storage));
  ASSERT_OK(PageFile::Create(storage.get(), directory.path(), kLogId, kPageBytes, 0));
  for (int round = 0; round < 20; round++) {
    std::unique_ptr<PageStore> store;
    ASSERT_OK(OpenPolled(storage.get(), directory.path(), &store));
    if (store == nullptr) return;
    ASSERT_OK(WritePages(store.get()));
    std::vector<PageRead> reads;
    for (uint32_t id = 1; id <= kPages; id++) reads.push_back({id, id});
    std::vector<PageReadResult> results;
    store->Read(reads.data(), reads.size(), &results);
    // Every other time some of them are never fetched.
    const size_t wanted = round % 2 == 0 ? kPages : kPages / 2;
    while (results.size() < wanted) {
      pollfd entry = {store->polled_reader()->descriptor(), POLLIN, 0};
      ASSERT_TRUE(poll(&entry, 1, 10000) == 1);
      store->polled_reader()->Take(&results);
    }
    for (const PageReadResult& result : results)
      EXPECT_TRUE(result.outcome == PageReadOutcome::kValid);
    if (round % 4 == 1) store->StopPolledReads();
  }
}

}  // namespace seawall::test

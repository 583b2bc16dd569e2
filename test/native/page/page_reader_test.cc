// Goal: every read that was asked for is answered once, by whichever lane, and a reader may go away
// with reads under way.
// Method: the real threads of a store on a SimulatedDisk; several askers; ThreadSanitizer in its
// run.
#include "page/page_reader.h"

#include <atomic>
#include <thread>

#include "support/test_page_store.h"

namespace seawall::test {

namespace {

constexpr uint32_t kPages = 12;
constexpr uint32_t kReadsOfEach = 400;

// A store with threads on the disk of a TestStore that is gone.
Status OpenWithThreads(Storage* storage, PageReadSink sink, std::unique_ptr<PageStore>* store) {
  PageStoreOptions options;
  options.reads_in_flight_max = 3;
  options.frames_min = 3 * kReadsOfEach;
  LogHorizon horizon;
  horizon.flushed_lsn = [] { return Lsn{1000}; };
  horizon.wait_flushed = [](Lsn) { return Status::Ok(); };
  std::vector<uint32_t> repaired;
  return PageStore::Open(storage, kStoreDirectory, kLogId, 1000, options, horizon, std::move(sink),
                         store, &repaired);
}

}  // namespace

TEST(PageReader, ReadsFromSeveralThreadsAreAnsweredOnceEach) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(kPages, 10, 'a'));
  }
  auto storage = NewSimulatedStorage(disk);
  std::atomic<uint32_t> answered{0};
  std::atomic<uint32_t> valid{0};
  std::unique_ptr<PageStore> store;
  ASSERT_OK(OpenWithThreads(
      storage.get(),
      [&](const std::vector<PageReadResult>& results) {
        for (const PageReadResult& result : results)
          valid += result.outcome == PageReadOutcome::kValid;
        answered += static_cast<uint32_t>(results.size());
      },
      &store));
  std::vector<std::thread> askers;
  for (uint32_t asker = 0; asker < 3; asker++) {
    askers.emplace_back([&store, asker] {
      for (uint32_t i = 0; i < kReadsOfEach; i++) {
        const PageRead read = {1 + (asker + i) % kPages, asker * kReadsOfEach + i};
        store->Read(&read, 1, nullptr);
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  while (answered < 3 * kReadsOfEach) std::this_thread::yield();
  store.reset();
  EXPECT_EQ(answered.load(), 3 * kReadsOfEach);
  EXPECT_EQ(valid.load(), 3 * kReadsOfEach);
}

TEST(PageReader, GoesAwayWithReadsUnderWay) {
  auto disk = std::make_shared<SimulatedDisk>();
  {
    TestStore store(disk);
    ASSERT_OK(store.WritePages(kPages, 10, 'a'));
  }
  for (int round = 0; round < 50; round++) {
    auto storage = NewSimulatedStorage(disk);
    std::unique_ptr<PageStore> store;
    ASSERT_OK(OpenWithThreads(
        storage.get(), [](const std::vector<PageReadResult>&) {}, &store));
    for (uint32_t i = 0; i < 40; i++) {
      const PageRead read = {1 + i % kPages, i};
      store->Read(&read, 1, nullptr);
    }
  }
}

}  // namespace seawall::test

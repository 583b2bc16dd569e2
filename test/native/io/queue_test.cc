// Goal: every IoQueue keeps the contract of io/storage.h, so that the log may run on any of them.
// Method: one suite, run on io_uring, on threads and on the disk in memory; what a pollable queue
// adds, on io_uring where the kernel has it.
#include <poll.h>
#include <cstring>
#include <set>
#include <vector>

#include "io/aligned_buffer.h"
#include "io/posix_storage.h"
#include "io/uring_queue.h"
#include "support/simulated.h"
#include "support/temporary_directory.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

constexpr uint64_t kFileBytes = 1 << 20;

struct Bench {
  TemporaryDirectory directory;
  std::unique_ptr<Storage> storage;
  std::unique_ptr<File> file;
  std::unique_ptr<IoQueue> queue;
};

Status SetUp(const std::string& kind, Bench* bench) {
  std::string directory = bench->directory.path();
  if (kind == "simulated") {
    directory = "/memory";
    bench->storage = NewSimulatedStorage(std::make_shared<SimulatedDisk>());
  } else {
    PosixStorageOptions options;
    options.backend = kind == "threads" ? BackendChoice::kThreads : BackendChoice::kIoUring;
    SEAWALL_RETURN_IF_ERROR(NewPosixStorage(directory, options, &bench->storage));
    EXPECT_EQ(std::string(bench->storage->backend_name()),
              std::string(kind == "threads" ? kind : "io_uring"));
  }
  SEAWALL_RETURN_IF_ERROR(
      bench->storage->Open(directory + "/file", OpenMode::kCreateNew, &bench->file));
  SEAWALL_RETURN_IF_ERROR(bench->file->Allocate(kFileBytes));
  if (kind != "pollable") return bench->storage->NewQueue(8, &bench->queue);
  bench->queue = bench->storage->NewPollableQueue(8);
  SEAWALL_ASSERT(bench->queue != nullptr);
  return Status::Ok();
}

std::vector<std::string> Kinds() {
  std::vector<std::string> kinds = {"simulated", "threads"};
  if (ProbeIoUring().ok()) kinds.push_back("io_uring");
  if (NewPollableUringQueue(1) != nullptr) kinds.push_back("pollable");
  return kinds;
}

AlignedBuffer Filled(size_t bytes, uint8_t value) {
  AlignedBuffer buffer(bytes, 4096);
  std::memset(buffer.data(), value, bytes);
  return buffer;
}

TEST(Queue, EveryOperationHasOneCompletionAndWritesArrive) {
  for (const std::string& kind : Kinds()) {
    Bench bench;
    ASSERT_OK(SetUp(kind, &bench));
    std::vector<AlignedBuffer> buffers;
    for (uint8_t i = 0; i < 8; i++) buffers.push_back(Filled(16384, static_cast<uint8_t>(i + 1)));
    for (uint64_t round = 0; round < 20; round++) {
      for (uint64_t i = 0; i < 8; i++) {
        const IoSlice slices[] = {{buffers[i].data(), 4096}, {buffers[i].data() + 4096, 12288}};
        const Durability durability = i % 2 == 0 ? Durability::kDurable : Durability::kNone;
        bench.queue->SubmitWrite(bench.file.get(), i * 16384, slices, 2, durability, 100 + i);
      }
      std::set<uint64_t> tags;
      IoCompletion completions[3];
      while (tags.size() < 8) {
        const size_t count = bench.queue->Wait(completions, 3);
        EXPECT_TRUE(count >= 1 && count <= 3);
        for (size_t i = 0; i < count; i++) {
          EXPECT_OK(completions[i].status);
          EXPECT_TRUE(tags.insert(completions[i].tag).second);
        }
      }
      EXPECT_EQ(bench.queue->Wait(completions, 3), size_t{0});
    }
    bench.queue->SubmitSync(bench.file.get(), 7);
    IoCompletion completion;
    EXPECT_EQ(bench.queue->Wait(&completion, 1), size_t{1});
    EXPECT_OK(completion.status);
    AlignedBuffer read(8 * 16384, 4096);
    for (uint64_t i = 0; i < 8; i++) {
      bench.queue->SubmitRead(bench.file.get(), i * 16384, read.data() + i * 16384, 16384, i);
    }
    for (int i = 0; i < 8; i++) {
      EXPECT_EQ(bench.queue->Wait(&completion, 1), size_t{1});
      EXPECT_OK(completion.status);
    }
    for (size_t at = 0; at < read.bytes(); at += 512)
      EXPECT_EQ(int{read.data()[at]}, static_cast<int>(at / 16384 + 1));
  }
}

TEST(Queue, AFailedOperationIsAnErrorAndTheOthersGoOn) {
  for (const std::string& kind : Kinds()) {
    Bench bench;
    ASSERT_OK(SetUp(kind, &bench));
    AlignedBuffer buffer(8192, 4096);
    // Beyond the end of the file: a read that cannot be completed.
    bench.queue->SubmitRead(bench.file.get(), kFileBytes, buffer.data(), 4096, 1);
    bench.queue->SubmitRead(bench.file.get(), 0, buffer.data() + 4096, 4096, 2);
    for (int i = 0; i < 2; i++) {
      IoCompletion completion;
      EXPECT_EQ(bench.queue->Wait(&completion, 1), size_t{1});
      EXPECT_EQ(completion.status.ok(), completion.tag == 2);
      if (completion.tag == 1) EXPECT_TRUE(completion.status.code() == Code::kIo);
    }
  }
}

TEST(Queue, DestroyedWithOperationsInFlightWaitsForThem) {
  for (const std::string& kind : Kinds()) {
    Bench bench;
    ASSERT_OK(SetUp(kind, &bench));
    AlignedBuffer buffer = Filled(65536, 9);
    for (uint64_t i = 0; i < 8; i++) {
      const IoSlice slice = {buffer.data(), 65536};
      bench.queue->SubmitWrite(bench.file.get(), i * 65536, &slice, 1, Durability::kNone, i);
    }
    bench.queue.reset();
  }
}

bool IsReadable(const PollableQueue& queue, int timeout_ms) {
  pollfd entry = {queue.descriptor(), POLLIN, 0};
  return poll(&entry, 1, timeout_ms) == 1;
}

// Takes as an event loop does, which may also stop in the middle of what is there.
TEST(Queue, PollableIsReadableForAsLongAsThereIsSomethingToTake) {
  Bench bench;
  if (NewPollableUringQueue(1) == nullptr) return;
  ASSERT_OK(SetUp("pollable", &bench));
  auto* const queue = static_cast<PollableQueue*>(bench.queue.get());
  AlignedBuffer buffer(8 * 4096, 4096);
  IoCompletion completion;
  EXPECT_TRUE(!IsReadable(*queue, 0));
  EXPECT_EQ(queue->Take(&completion, 1), size_t{0});
  for (int round = 0; round < 200; round++) {
    // The last one cannot be completed.
    for (uint64_t i = 0; i < 8; i++) {
      const uint64_t offset = i < 7 ? i * 4096 : kFileBytes;
      queue->SubmitRead(bench.file.get(), offset, buffer.data() + i * 4096, 4096, i);
    }
    queue->Flush();
    std::set<uint64_t> tags;
    while (tags.size() < 8) {
      ASSERT_TRUE(IsReadable(*queue, 10000));
      if (queue->Take(&completion, 1) == 0) continue;
      EXPECT_TRUE(tags.insert(completion.tag).second);
      EXPECT_EQ(completion.status.ok(), completion.tag < 7);
    }
    EXPECT_EQ(queue->Take(&completion, 1), size_t{0});
    EXPECT_TRUE(!IsReadable(*queue, 0));
  }
}

}  // namespace

}  // namespace seawall::test

// Goal: a short transfer is completed or is an error, never a success (H14); no error number passes
// for one (H13). Method: made-up results of attempts.
#include <cerrno>
#include <vector>

#include "io/posix_file.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

TransferProgress Progress(std::vector<uint8_t>* a, std::vector<uint8_t>* b) {
  const iovec slices[] = {{a->data(), a->size()}, {b->data(), b->size()}};
  return TransferProgress(8192, slices, 2, 512);
}

TEST(TransferProgress, FullResultIsDone) {
  std::vector<uint8_t> a(4096);
  std::vector<uint8_t> b(4096);
  TransferProgress progress = Progress(&a, &b);
  EXPECT_OK(progress.Take(8192, "write", "f"));
  EXPECT_TRUE(progress.done());
}

TEST(TransferProgress, H14AlignedShortResultsGoOnWithTheRestUntilAllIsThrough) {
  std::vector<uint8_t> a(4096);
  std::vector<uint8_t> b(4096);
  for (int64_t first = 512; first < 8192; first += 512) {
    TransferProgress progress = Progress(&a, &b);
    EXPECT_OK(progress.Take(first, "write", "f"));
    EXPECT_TRUE(!progress.done());
    EXPECT_EQ(progress.offset(), uint64_t{8192} + static_cast<uint64_t>(first));
    uint64_t rest = 0;
    for (int i = 0; i < progress.slice_count(); i++) rest += progress.slices()[i].iov_len;
    EXPECT_EQ(rest, uint64_t{8192} - static_cast<uint64_t>(first));
    const uint8_t* expected = first < 4096 ? a.data() + first : b.data() + (first - 4096);
    EXPECT_TRUE(progress.slices()[0].iov_base == expected);
    EXPECT_OK(progress.Take(8192 - first, "write", "f"));
    EXPECT_TRUE(progress.done());
  }
}

TEST(TransferProgress, H14UnalignedOrEmptyResultsAreErrors) {
  std::vector<uint8_t> a(4096);
  std::vector<uint8_t> b(4096);
  for (const int64_t result : {0, 1, 511, 513, 4095, 8191}) {
    TransferProgress progress = Progress(&a, &b);
    EXPECT_TRUE(progress.Take(result, "write", "f").code() == Code::kIo);
  }
}

TEST(TransferProgress, H13EveryErrorNumberIsAnErrorExceptAnInterruption) {
  std::vector<uint8_t> a(4096);
  std::vector<uint8_t> b(4096);
  for (int sys_errno = 1; sys_errno < 134; sys_errno++) {
    TransferProgress progress = Progress(&a, &b);
    const Status status = progress.Take(-sys_errno, "write", "f");
    EXPECT_EQ(status.ok(), sys_errno == EINTR);
    EXPECT_TRUE(!progress.done());
    if (!status.ok()) EXPECT_EQ(status.sys_errno(), sys_errno);
  }
}

}  // namespace

}  // namespace seawall::test

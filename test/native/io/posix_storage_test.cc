// Goal: files, names, modes, alignment and locks on the real file system.
// Method: temporary directories; loop devices with sectors of 512 and 4096 bytes where root may
// make them (H24); a forked child that holds the lock for a while (H44).
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>

#include "io/aligned_buffer.h"
#include "io/directory_lock.h"
#include "io/posix_storage.h"
#include "log/log.h"
#include "log/record_appender.h"
#include "support/temporary_directory.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

mode_t ModeOf(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

TEST(PosixStorage, H47FilesAndDirectoriesAreTheOwnersAloneAndLinksAreNotFollowed) {
  TemporaryDirectory directory;
  std::unique_ptr<Storage> storage;
  ASSERT_OK(EnsureDirectory(directory.path() + "/log", true));
  ASSERT_OK(NewPosixStorage(directory.path() + "/log", {}, &storage));
  std::unique_ptr<File> file;
  ASSERT_OK(storage->Open(directory.path() + "/log/f", OpenMode::kCreateNew, &file));
  EXPECT_EQ(ModeOf(directory.path() + "/log"), mode_t{0700});
  EXPECT_EQ(ModeOf(directory.path() + "/log/f"), mode_t{0600});
  ASSERT_TRUE(symlink("f", (directory.path() + "/log/link").c_str()) == 0);
  EXPECT_TRUE(storage->Open(directory.path() + "/log/link", OpenMode::kReadWrite, &file).code() ==
              Code::kNotALog);
  EXPECT_TRUE(!storage->Open(directory.path() + "/log/f", OpenMode::kCreateNew, &file).ok());
  EXPECT_TRUE(storage->Open(directory.path() + "/log/none", OpenMode::kRead, &file).code() ==
              Code::kNotFound);
}

TEST(PosixStorage, ProbingLeavesNothingBehind) {
  TemporaryDirectory directory;
  std::unique_ptr<Storage> storage;
  ASSERT_OK(NewPosixStorage(directory.path(), {}, &storage));
  std::vector<std::string> names;
  ASSERT_OK(storage->List(directory.path(), &names));
  EXPECT_EQ(names.size(), size_t{0});
}

TEST(DirectoryLock, H43ExclusiveLocksOutEveryoneAndSharedOnlyWriters) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/LOCK";
  std::unique_ptr<DirectoryLock> first;
  std::unique_ptr<DirectoryLock> second;
  ASSERT_OK(LockFile(path, LockMode::kExclusive, &first));
  EXPECT_TRUE(LockFile(path, LockMode::kExclusive, &second).code() == Code::kLocked);
  EXPECT_TRUE(LockFile(path, LockMode::kShared, &second).code() == Code::kLocked);
  first.reset();
  ASSERT_OK(LockFile(path, LockMode::kShared, &first));
  ASSERT_OK(LockFile(path, LockMode::kShared, &second));
  std::unique_ptr<DirectoryLock> third;
  EXPECT_TRUE(LockFile(path, LockMode::kExclusive, &third).code() == Code::kLocked);
  first.reset();
  second.reset();
  EXPECT_OK(LockFile(path, LockMode::kExclusive, &third));
}

TEST(DirectoryLock, H44LockOfAnotherProcessIsWaitedForALittle) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/LOCK";
  int ready[2];
  ASSERT_TRUE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    std::unique_ptr<DirectoryLock> held;
    const bool locked = LockFile(path, LockMode::kExclusive, &held).ok();
    const char byte = locked ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1) _exit(2);
    usleep(300000);
    _exit(0);
  }
  char byte = 0;
  ASSERT_TRUE(read(ready[0], &byte, 1) == 1);
  EXPECT_EQ(byte, 'y');
  std::unique_ptr<DirectoryLock> lock;
  EXPECT_OK(LockFile(path, LockMode::kExclusive, &lock));
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

// A file system on a loop device; empty path when it cannot be had.
class LoopMount {
 public:
  LoopMount(int sector_bytes, const char* mkfs) : mount_(directory_.path() + "/mount") {
    const std::string image = directory_.path() + "/image";
    const std::string script = "set -e; truncate -s 320M " + image +
                               "; L=$(losetup -f --show --direct-io=on --sector-size " +
                               std::to_string(sector_bytes) + " " + image + "); echo $L > " +
                               directory_.path() + "/loop; " + mkfs + " $L; mkdir " + mount_ +
                               "; mount $L " + mount_;
    mounted_ = geteuid() == 0 && std::system(("(" + script + ") >/dev/null 2>&1").c_str()) == 0;
  }
  ~LoopMount() {
    const std::string script =
        "umount " + mount_ + "; losetup -d $(cat " + directory_.path() + "/loop)";
    if (std::system(("(" + script + ") >/dev/null 2>&1").c_str()) != 0 && mounted_) std::abort();
  }
  bool mounted() const { return mounted_; }
  const std::string& path() const { return mount_; }

 private:
  TemporaryDirectory directory_;
  const std::string mount_;
  bool mounted_ = false;
};

TEST(PosixStorage, H24LogWorksOnSectorsOf512And4096OnBothFileSystems) {
  int ran = 0;
  for (const char* mkfs : {"mkfs.ext4 -q -F", "mkfs.xfs -q -f"}) {
    for (const int sector_bytes : {512, 4096}) {
      LoopMount mount(sector_bytes, mkfs);
      if (!mount.mounted()) continue;
      ran += 1;
      for (int round = 0; round < 2; round++) {
        const std::string directory = mount.path() + "/log";
        ASSERT_OK(EnsureDirectory(directory, true));
        std::unique_ptr<Storage> storage;
        ASSERT_OK(NewPosixStorage(directory, {}, &storage));
        EXPECT_TRUE(storage->alignment().direct);
        EXPECT_EQ(storage->alignment().offset_bytes, static_cast<uint32_t>(sector_bytes));
        LogOptions options;
        options.segment_bytes = 1 << 20;
        options.buffer_bytes = 1 << 16;
        std::unique_ptr<Log> log;
        RecoveryReport report;
        ASSERT_OK(Log::Open(std::move(storage), directory, options, LogEnvironment::Real(), nullptr,
                            nullptr, &log, &report));
        RecordAppender appender(log->ring(), log->flushed_lsn());
        for (int i = 0; i < 300; i++) {
          const std::string body(static_cast<size_t>(i * 13), 'l');
          RecordFrame frame;
          frame.body_bytes = body.size();
          ASSERT_OK(log->WaitForSpace(appender.EndAfter(body.size())));
          appender.Append(body.data(), frame);
          ASSERT_OK(log->FlushSync(appender.end_lsn()));
        }
        ASSERT_OK(log->Close());
      }
    }
  }
  if (ran == 0) SKIP("no loop devices or no mkfs here");
}

}  // namespace

}  // namespace seawall::test

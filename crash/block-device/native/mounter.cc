// Loop devices and mounts, in a process of its own: the device server cannot wait for a mount that
// it has to serve itself, and starting mount(8) for every crash image would cost more than the
// rest. Commands on standard input, one line each, answered by one line that begins with ok or
// error; at the end of them everything that was mounted and attached is taken down again.
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace seawall::crash {
namespace {

constexpr int kAttempts = 500;
constexpr useconds_t kMicrosecondsBetweenAttempts = 10000;
// linux/fs.h has no name for it; XFS_IOC_GOINGDOWN and EXT4_IOC_SHUTDOWN are the same.
constexpr unsigned long kShutdownRequest = _IOR('X', 125, uint32_t);
constexpr uint32_t kShutdownWithoutLogFlush = 2;

std::string Failed(const char* call) {
  const int error = errno;
  return "error " + std::to_string(error) + " " + call + ": " + std::strerror(error);
}

// The setting outlives the attachment: whoever gets the loop device next would have it.
void AnnounceVolatileCache(const std::string& device) {
  const std::string name = device.substr(device.rfind('/') + 1);
  std::ofstream("/sys/block/" + name + "/queue/write_cache") << "write back";
}

class Mounter {
 public:
  std::string Answer(const std::string& line);
  void TakeDown();

 private:
  std::string Attach(const std::string& file, uint32_t sector_bytes);
  std::string Detach(const std::string& device);
  std::string Mount(const std::string& device, const std::string& directory,
                    const std::string& type, const std::string& options);
  std::string Unmount(const std::string& directory);
  std::string Shutdown(const std::string& directory);

  std::vector<std::string> attached_;
  std::vector<std::string> mounted_;
};

std::string Mounter::Answer(const std::string& line) {
  std::istringstream words(line);
  std::string command;
  std::string first;
  std::string second;
  std::string third;
  std::string fourth;
  words >> command >> first >> second >> third >> fourth;
  if (command == "attach") {
    return Attach(first, static_cast<uint32_t>(std::strtoul(second.c_str(), nullptr, 10)));
  }
  if (command == "detach") return Detach(first);
  if (command == "mount") return Mount(first, second, third, fourth);
  if (command == "unmount") return Unmount(first);
  if (command == "shutdown") return Shutdown(first);
  if (command == "cpu") {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const auto microseconds = [](const timeval& time) {
      return time.tv_sec * 1000000 + time.tv_usec;
    };
    return "ok " + std::to_string(microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
  }
  return "error unknown command";
}

// Answers with the name of the device.
std::string Mounter::Attach(const std::string& file, uint32_t sector_bytes) {
  const int backing = open(file.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
  if (backing < 0) return Failed("open");
  const int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  std::string answer = control < 0 ? Failed("open /dev/loop-control") : "";
  for (int attempt = 0; answer.empty() && attempt < kAttempts; attempt++) {
    const int number = ioctl(control, LOOP_CTL_GET_FREE);
    const std::string device = "/dev/loop" + std::to_string(number);
    const int loop = number < 0 ? -1 : open(device.c_str(), O_RDWR | O_CLOEXEC);
    if (loop < 0) {
      answer = Failed("LOOP_CTL_GET_FREE");
      break;
    }
    loop_config configuration = {};
    configuration.fd = static_cast<uint32_t>(backing);
    configuration.block_size = sector_bytes;
    configuration.info.lo_flags = LO_FLAGS_DIRECT_IO;
    std::strncpy(reinterpret_cast<char*>(configuration.info.lo_file_name), file.c_str(),
                 LO_NAME_SIZE - 1);
    if (ioctl(loop, LOOP_CONFIGURE, &configuration) == 0) {
      AnnounceVolatileCache(device);
      attached_.push_back(device);
      answer = "ok " + device;
    } else if (errno != EBUSY) {
      // EBUSY: someone else was faster with this one.
      answer = Failed("LOOP_CONFIGURE");
    }
    close(loop);
  }
  if (control >= 0) close(control);
  close(backing);
  return answer.empty() ? "error no free loop device" : answer;
}

std::string Mounter::Detach(const std::string& device) {
  const int loop = open(device.c_str(), O_RDWR | O_CLOEXEC);
  if (loop < 0) return Failed("open");
  AnnounceVolatileCache(device);
  const std::string answer = ioctl(loop, LOOP_CLR_FD) == 0 ? "ok" : Failed("LOOP_CLR_FD");
  close(loop);
  std::erase(attached_, device);
  return answer;
}

std::string Mounter::Mount(const std::string& device, const std::string& directory,
                           const std::string& type, const std::string& options) {
  // Nothing may be left in memory of what the device held before.
  const int block_device = open(device.c_str(), O_RDONLY | O_CLOEXEC);
  if (block_device < 0) return Failed("open");
  ioctl(block_device, BLKFLSBUF, 0);
  close(block_device);
  if (mount(device.c_str(), directory.c_str(), type.c_str(), MS_NOATIME, options.c_str()) != 0) {
    return Failed("mount");
  }
  mounted_.push_back(directory);
  return "ok";
}

// The files of an io_uring are closed a little after whoever used it has gone.
std::string Mounter::Unmount(const std::string& directory) {
  std::erase(mounted_, directory);
  for (int attempt = 0; attempt < kAttempts; attempt++) {
    if (umount2(directory.c_str(), 0) == 0) return "ok";
    if (errno != EBUSY) return Failed("umount");
    usleep(kMicrosecondsBetweenAttempts);
  }
  const std::string answer = Failed("umount");
  umount2(directory.c_str(), MNT_DETACH);
  return answer;
}

std::string Mounter::Shutdown(const std::string& directory) {
  const int root = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return Failed("open");
  uint32_t flags = kShutdownWithoutLogFlush;
  const std::string answer = ioctl(root, kShutdownRequest, &flags) == 0 ? "ok" : Failed("shutdown");
  close(root);
  return answer;
}

void Mounter::TakeDown() {
  while (!mounted_.empty()) {
    const std::string directory = mounted_.back();
    Unmount(directory);
    rmdir(directory.c_str());
  }
  while (!attached_.empty()) Detach(std::string(attached_.back()));
}

}  // namespace
}  // namespace seawall::crash

int main() {
  // An interrupt is for the harness; the end of its commands is what counts here.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  seawall::crash::Mounter mounter;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << mounter.Answer(line) << std::endl;
  }
  mounter.TakeDown();
  return 0;
}

// A block device in user space: a FUSE file system with one file, which a loop device lies on.
// Usage: block_device_server DIRECTORY BYTES. Mounts at DIRECTORY/device, counts events in
// DIRECTORY/events. Commands come on standard input (control.h); at its end everything is
// taken down, once nobody has the file open any more.
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "completion_queue.h"
#include "control.h"
#include "faulty_device.h"

namespace seawall::crash {
namespace {

constexpr fuse_ino_t kDeviceInode = 2;
constexpr const char* kDeviceName = "disk";
constexpr unsigned kRequestBytesMax = 1 << 20;
constexpr double kAttributesValidSeconds = 3600;
// Longer than the mounter tries to unmount.
constexpr auto kReleaseTime = std::chrono::seconds(60);

struct Server {
  FaultyDevice* device;
  CompletionQueue* completions;
  int open_count = 0;
  std::vector<uint8_t> read_buffer;
};

Server& ServerOf(fuse_req_t request) { return *static_cast<Server*>(fuse_req_userdata(request)); }

bool Attributes(const Server& server, fuse_ino_t inode, struct stat* attributes) {
  *attributes = {};
  attributes->st_ino = inode;
  attributes->st_nlink = 1;
  if (inode == FUSE_ROOT_ID) {
    attributes->st_mode = S_IFDIR | 0700;
    return true;
  }
  attributes->st_mode = S_IFREG | 0600;
  attributes->st_size = static_cast<off_t>(server.device->bytes());
  return inode == kDeviceInode;
}

void Init(void*, fuse_conn_info* connection) {
  connection->max_write = kRequestBytesMax;
  connection->want &= ~static_cast<unsigned>(FUSE_CAP_SPLICE_READ | FUSE_CAP_WRITEBACK_CACHE);
}

void Lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  if (parent != FUSE_ROOT_ID || std::strcmp(name, kDeviceName) != 0) {
    fuse_reply_err(request, ENOENT);
    return;
  }
  fuse_entry_param entry = {};
  entry.ino = kDeviceInode;
  entry.attr_timeout = kAttributesValidSeconds;
  entry.entry_timeout = kAttributesValidSeconds;
  Attributes(ServerOf(request), kDeviceInode, &entry.attr);
  fuse_reply_entry(request, &entry);
}

void GetAttributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
  struct stat attributes;
  if (Attributes(ServerOf(request), inode, &attributes)) {
    fuse_reply_attr(request, &attributes, kAttributesValidSeconds);
  } else {
    fuse_reply_err(request, ENOENT);
  }
}

void Open(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
  ServerOf(request).open_count += 1;
  file->direct_io = 1;
  fuse_reply_open(request, file);
}

void Release(fuse_req_t request, fuse_ino_t, fuse_file_info*) {
  ServerOf(request).open_count -= 1;
  fuse_reply_err(request, 0);
}

void Read(fuse_req_t request, fuse_ino_t, size_t size, off_t offset, fuse_file_info*) {
  Server& server = ServerOf(request);
  const uint64_t from = std::min(static_cast<uint64_t>(offset), server.device->bytes());
  size = std::min<uint64_t>(size, server.device->bytes() - from);
  server.read_buffer.resize(std::max(server.read_buffer.size(), size));
  const int error = server.device->Read(from, server.read_buffer.data(), size);
  if (error != 0) {
    fuse_reply_err(request, error);
  } else {
    fuse_reply_buf(request, reinterpret_cast<const char*>(server.read_buffer.data()), size);
  }
}

void Write(fuse_req_t request, fuse_ino_t, const char* bytes, size_t size, off_t offset,
           fuse_file_info*) {
  Server& server = ServerOf(request);
  const uint64_t at = static_cast<uint64_t>(offset);
  Pending pending;
  int error = at + size > server.device->bytes() ? ENOSPC : 0;
  if (error == 0) {
    error = server.device->IssueWrite(at, reinterpret_cast<const uint8_t*>(bytes), size, &pending);
  }
  if (error != 0) {
    fuse_reply_err(request, error);
  } else {
    server.completions->Add(pending, request, size);
  }
}

void Sync(fuse_req_t request, fuse_ino_t, int, fuse_file_info*) {
  Server& server = ServerOf(request);
  Pending pending;
  const int error = server.device->IssueFlush(&pending);
  if (error != 0) {
    fuse_reply_err(request, error);
  } else {
    server.completions->Add(pending, request, 0);
  }
}

// The loop device zeroes and discards with plain writes then, or not at all.
void Allocate(fuse_req_t request, fuse_ino_t, int, off_t, off_t, fuse_file_info*) {
  fuse_reply_err(request, EOPNOTSUPP);
}

fuse_lowlevel_ops Operations() {
  fuse_lowlevel_ops operations = {};
  operations.init = Init;
  operations.lookup = Lookup;
  operations.getattr = GetAttributes;
  operations.open = Open;
  operations.release = Release;
  operations.read = Read;
  operations.write = Write;
  operations.fsync = Sync;
  operations.fallocate = Allocate;
  return operations;
}

// Answers the lines that have come; false at the end of them.
bool ServeCommands(Control* control, std::string* input) {
  char part[4096];
  const ssize_t size = read(STDIN_FILENO, part, sizeof part);
  if (size <= 0) return size < 0 && errno == EINTR;
  input->append(part, static_cast<size_t>(size));
  for (size_t end; (end = input->find('\n')) != std::string::npos; input->erase(0, end + 1)) {
    const std::string answer = control->Answer(input->substr(0, end)) + "\n";
    if (std::fwrite(answer.data(), 1, answer.size(), stdout) != answer.size()) return false;
  }
  std::fflush(stdout);
  return true;
}

void Serve(fuse_session* session, Server* server) {
  Control control(server->device, server->completions);
  fuse_buf request = {};
  std::string input;
  bool has_commands = true;
  auto released_by = std::chrono::steady_clock::time_point::max();
  fcntl(fuse_session_fd(session), F_SETFL, O_NONBLOCK);
  while (!fuse_session_exited(session)) {
    pollfd sources[2] = {{fuse_session_fd(session), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    const int64_t left_us = server->completions->MicrosecondsLeft();
    const timespec held_time = {left_us / 1000000, left_us % 1000000 * 1000};
    const timespec idle_time = {0, 100000000};
    const timespec* time = left_us >= 0 ? &held_time : has_commands ? nullptr : &idle_time;
    if (ppoll(sources, has_commands ? 2 : 1, time, nullptr) < 0 && errno != EINTR) break;
    server->completions->CompleteDue();
    if (sources[0].revents != 0 && fuse_session_receive_buf(session, &request) > 0) {
      fuse_session_process_buf(session, &request);
    }
    if (has_commands && sources[1].revents != 0 && !ServeCommands(&control, &input)) {
      has_commands = false;
      // A file system that waits for a device which always fails could never be unmounted.
      server->device->ClearFaults();
      server->completions->SetOptions({});
      released_by = std::chrono::steady_clock::now() + kReleaseTime;
    }
    if (has_commands) continue;
    if (server->open_count == 0 || std::chrono::steady_clock::now() > released_by) break;
  }
  std::free(request.mem);
}

uint64_t* MapEventCounter(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(uint64_t)) != 0) return nullptr;
  void* counter = mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return counter == MAP_FAILED ? nullptr : static_cast<uint64_t*>(counter);
}

int Run(const std::string& directory, uint64_t bytes) {
  const std::string mount_point = directory + "/device";
  const std::string counter_path = directory + "/events";
  uint64_t* counter = MapEventCounter(counter_path);
  if (counter == nullptr || (mkdir(mount_point.c_str(), 0700) != 0 && errno != EEXIST)) return 1;
  FaultyDevice device(bytes, counter);
  CompletionQueue completions(&device);
  Server server = {&device, &completions, 0, {}};
  const fuse_lowlevel_ops operations = Operations();
  std::vector<const char*> words = {"seawall", "-o", "fsname=seawall-block-device"};
  fuse_args arguments =
      FUSE_ARGS_INIT(static_cast<int>(words.size()), const_cast<char**>(words.data()));
  fuse_session* session = fuse_session_new(&arguments, &operations, sizeof operations, &server);
  fuse_opt_free_args(&arguments);
  if (session == nullptr) return 1;
  int result = 1;
  if (fuse_session_mount(session, mount_point.c_str()) == 0) {
    std::puts("ok ready");
    std::fflush(stdout);
    Serve(session, &server);
    // Not even a loop device that is still there may keep it.
    umount2(mount_point.c_str(), MNT_DETACH);
    fuse_session_unmount(session);
    result = 0;
  }
  fuse_session_destroy(session);
  unlink(counter_path.c_str());
  rmdir(mount_point.c_str());
  rmdir(directory.c_str());
  return result;
}

}  // namespace
}  // namespace seawall::crash

int main(int count, char** words) {
  if (count != 3) return 2;
  // An interrupt is for the harness; the end of its commands is what counts here.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  return seawall::crash::Run(words[1], std::strtoull(words[2], nullptr, 10));
}

// A file of the real file system, and the transfer loop that turns "some bytes" into "all bytes or
// an error".
#pragma once

#include <sys/uio.h>
#include <memory>
#include <string>

#include "io/storage.h"

namespace seawall {

// What remains of a transfer after part of it went through. Pure, so that short results can be
// tested without a device that produces them.
class TransferProgress {
 public:
  // REQUIRES: slice_count <= kIoSlicesMax.
  TransferProgress(uint64_t offset, const iovec* slices, int slice_count, uint32_t alignment);

  bool done() const { return remaining_ == 0; }
  uint64_t offset() const { return offset_; }
  const iovec* slices() const { return slices_ + first_; }
  int slice_count() const { return count_ - first_; }

  // Takes in the result of one attempt: bytes transferred, or -errno. kOk: done, or go on with what
  // remains. A short result goes on only where direct I/O may: at an aligned position, and not
  // without progress.
  Status Take(int64_t result, const char* syscall, const std::string& path);

 private:
  iovec slices_[kIoSlicesMax];
  int first_ = 0;
  int count_;
  uint64_t offset_;
  uint64_t remaining_ = 0;
  const uint32_t alignment_;
};

// Why an open of `path` has failed with `sys_errno`. Where a link, a pipe or a socket stands, what
// the kernel says of it would be laid at the drive's door: kNotALog, `irregular`.
Status OpenFailure(int sys_errno, const std::string& path, const char* irregular);

class PosixFile final : public File {
 public:
  static Status Open(const std::string& path, OpenMode mode, const IoAlignment& alignment,
                     std::unique_ptr<File>* file);
  ~PosixFile() override;

  Status ReadAt(uint64_t offset, void* data, size_t bytes) override;
  using File::WriteAt;
  Status WriteAt(uint64_t offset, const IoSlice* slices, int slice_count,
                 Durability durability) override;
  Status Sync() override;
  Status Allocate(uint64_t bytes) override;
  Status Size(uint64_t* bytes) override;
  int descriptor() const override { return descriptor_; }
  const std::string& path() const override { return path_; }

  uint32_t offset_alignment() const { return alignment_.offset_bytes; }

 private:
  PosixFile(int descriptor, const std::string& path, const IoAlignment& alignment)
      : descriptor_(descriptor), path_(path), alignment_(alignment) {}

  const int descriptor_;
  const std::string path_;
  const IoAlignment alignment_;
};

}  // namespace seawall

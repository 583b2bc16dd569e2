// Status: the outcome of an operation that can fail for reasons outside the program.
//
// Programming errors are asserted (base/assert.h); everything else is a Status that the caller must
// look at. There are no exceptions anywhere in native/.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/assert.h"

namespace seawall {

enum class Code : uint16_t {
  kOk = 0,
#define SEAWALL_CODE(enumerator, code, what, remedy) enumerator,
#include "base/status_codes.def"
#undef SEAWALL_CODE
};

// The public name of a code ("ERR_SEAWALL_…"); "OK" for kOk.
const char* CodeName(Code code);

class [[nodiscard]] Status {
 public:
  // An LSN field that says nothing.
  static constexpr uint64_t kNoLsn = UINT64_MAX;

  Status() = default;
  static Status Ok() { return Status(); }
  static Status Error(Code code, std::string detail) {
    Status status;
    status.code_ = code;
    status.detail_ = std::move(detail);
    return status;
  }
  // A failed system call. The code follows from the errno: ENOSPC and EDQUOT are kNoSpace, EACCES,
  // EPERM and EROFS are kPermission, ENOENT and ENOTDIR are kNotFound, everything else is kIo.
  static Status FromErrno(int sys_errno, const char* syscall, std::string path);

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  int sys_errno() const { return sys_errno_; }
  // The drive says that this place on the medium cannot be read (ENODATA, EILSEQ), as after a write
  // that power cut short. Any other error says nothing about the bytes: the next read may well find
  // them, so they must not be taken for lost.
  bool IsLostBytes() const;
  // A string with static storage, or nullptr.
  const char* syscall() const { return syscall_; }
  const std::string& path() const { return path_; }
  const std::string& detail() const { return detail_; }
  uint64_t lsn() const { return lsn_; }

  Status&& WithCode(Code code) && {
    code_ = code;
    return std::move(*this);
  }
  Status&& WithLsn(uint64_t lsn) && {
    lsn_ = lsn;
    return std::move(*this);
  }
  Status&& WithPath(std::string path) && {
    path_ = std::move(path);
    return std::move(*this);
  }
  Status&& WithDetail(std::string detail) && {
    detail_ = std::move(detail);
    return std::move(*this);
  }

  // One line for logs and test failures.
  std::string ToString() const;

 private:
  Code code_ = Code::kOk;
  int sys_errno_ = 0;
  const char* syscall_ = nullptr;
  uint64_t lsn_ = kNoLsn;
  std::string path_;
  std::string detail_;
};

}  // namespace seawall

// Returns from the enclosing function when `expression` is not ok. The one macro that hides control
// flow.
#define SEAWALL_RETURN_IF_ERROR(expression)            \
  do {                                                 \
    ::seawall::Status seawall_status_ = (expression);  \
    if (!seawall_status_.ok()) return seawall_status_; \
  } while (false)

#include "base/status.h"

#include <cerrno>
#include <cstring>

namespace seawall {

const char* CodeName(Code code) {
  switch (code) {
    case Code::kOk:
      return "OK";
#define SEAWALL_CODE(enumerator, code_name, what, remedy) \
  case Code::enumerator:                                  \
    return code_name;
#include "base/status_codes.def"
#undef SEAWALL_CODE
  }
  SEAWALL_ASSERT(false && "unknown code");
}

namespace {

Code CodeOfErrno(int sys_errno) {
  switch (sys_errno) {
    case ENOSPC:
    case EDQUOT:
      return Code::kNoSpace;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermission;
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    default:
      return Code::kIo;
  }
}

}  // namespace

Status Status::FromErrno(int sys_errno, const char* syscall, std::string path) {
  SEAWALL_ASSERT(sys_errno > 0);
  Status status;
  status.code_ = CodeOfErrno(sys_errno);
  status.sys_errno_ = sys_errno;
  status.syscall_ = syscall;
  status.path_ = std::move(path);
  status.detail_ = std::strerror(sys_errno);
  return status;
}

bool Status::IsLostBytes() const { return sys_errno_ == ENODATA || sys_errno_ == EILSEQ; }

std::string Status::ToString() const {
  std::string text = CodeName(code_);
  if (!detail_.empty()) text += ": " + detail_;
  if (syscall_ != nullptr)
    text += std::string(" (") + syscall_ + ", errno " + std::to_string(sys_errno_) + ")";
  if (!path_.empty()) text += " [" + path_ + "]";
  if (lsn_ != kNoLsn) text += " at LSN " + std::to_string(lsn_);
  return text;
}

}  // namespace seawall

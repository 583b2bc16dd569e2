#include "format/version_check.h"

#include "format/layout.h"

namespace seawall {

Status CheckByteOrder(uint64_t found, uint64_t expected, const std::string& path) {
  if (found != __builtin_bswap64(expected)) return Status::Ok();
  return Status::Error(Code::kUnsupportedFormat, "written on a machine with another byte order")
      .WithPath(path);
}

Status CheckFormatVersion(uint32_t found, const std::string& path) {
  if (found == layout::format_version) return Status::Ok();
  return Status::Error(Code::kUnsupportedFormat, "format version " + std::to_string(found) +
                                                     ", this version of Seawall reads " +
                                                     std::to_string(layout::format_version))
      .WithPath(path);
}

}  // namespace seawall

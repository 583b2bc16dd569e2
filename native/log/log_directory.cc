#include "log/log_directory.h"

#include <algorithm>
#include <vector>

#include "log/segment_files.h"

namespace seawall {

namespace {

bool Contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsOwnName(const std::string& name) {
  return name == "LOCK" || name == "master" || name == "master.tmp" || name == "wal" ||
         name == "probe.tmp";
}

Status SomethingElse(const std::string& directory, const std::string& name) {
  return Status::Error(Code::kNotALog, "there is no log here, but '" + name + "' is")
      .WithPath(directory);
}

}  // namespace

Status ExamineDirectory(Storage* storage, const std::string& directory, DirectoryContent* content) {
  std::vector<std::string> names;
  SEAWALL_RETURN_IF_ERROR(storage->List(directory, &names));
  *content = DirectoryContent();
  content->has_segment_directory = Contains(names, "wal");
  content->is_store = Contains(names, "pages") || Contains(names, "doublewrite");
  if (Contains(names, "master")) {
    content->kind = DirectoryContent::kLog;
    return Status::Ok();
  }
  if (content->has_segment_directory) {
    std::vector<std::string> segments;
    SEAWALL_RETURN_IF_ERROR(storage->List(directory + "/wal", &segments));
    uint64_t number = 0;
    for (const std::string& name : segments) {
      if (!SegmentFiles::ParseName(name, &number)) continue;
      content->kind = DirectoryContent::kSegmentsOnly;
      return Status::Ok();
    }
    if (!segments.empty()) return SomethingElse(directory, "wal/" + segments[0]);
  }
  for (const std::string& name : names) {
    if (!IsOwnName(name)) return SomethingElse(directory, name);
  }
  return Status::Ok();
}

}  // namespace seawall

// What a directory holds, by its names alone: asked before anything is opened, created or changed.
#pragma once

#include <string>

#include "io/storage.h"

namespace seawall {

struct DirectoryContent {
  enum Kind : uint8_t {
    kNothing,  // empty, or only what an open leaves that was interrupted before there was a log
    kLog,
    kSegmentsOnly,  // the master record, which is durable before the first segment exists, was lost
  };
  Kind kind = kNothing;
  bool has_segment_directory = false;
  bool is_store = false;  // there is a data file, or was one
};

// kNotALog when something else is there.
Status ExamineDirectory(Storage* storage, const std::string& directory, DirectoryContent* content);

}  // namespace seawall

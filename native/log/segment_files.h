// SegmentFiles: the segment files of one log directory - their names, their headers, and how one
// comes into being.
//
// A segment gets its final name only when it is complete: written with zeros (or old bytes, when
// recycled) from end to end, its header in place, everything synced, the directory synced. So a
// write to it never grows a file, never touches an unwritten extent, and cannot run out of space.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "format/segment_header.h"
#include "io/storage.h"

namespace seawall {

class SegmentFiles {
 public:
  enum class Headers : uint8_t {
    kChecked,
    kIgnored,  // damaged ones keep nobody from the records behind them (LogSurvey)
  };

  // `mode` is how existing segments are opened: kRead or kReadWrite.
  SegmentFiles(Storage* storage, const std::string& log_directory,
               const SegmentHeaderFields& identity, OpenMode mode,
               Headers headers = Headers::kChecked);

  const LogGeometry& geometry() const { return identity_.geometry; }
  const std::string& directory() const { return directory_; }
  Storage* storage() const { return storage_; }
  std::string PathOf(uint64_t number) const;
  // False when `name` is not a segment's name.
  static bool ParseName(const std::string& name, uint64_t* number);

  // Numbers of the segment files that exist, ascending, and the names of unfinished ones.
  Status List(std::vector<uint64_t>* numbers, std::vector<std::string>* temporary_names) const;

  // The open file of a segment, its size and header checked at first use. Kept open until Forget.
  Status Get(uint64_t number, std::shared_ptr<File>* file);
  // Drops cached files of segments below `number`; readers that still hold them keep them open.
  void ForgetBelow(uint64_t number);

  // Makes segment `number` from nothing. kNoSpace leaves nothing behind.
  Status Create(uint64_t number, uint32_t incarnation, uint64_t in_flight_max_bytes,
                uint64_t now_ms);
  // Makes segment `number` from a file that is no longer needed.
  Status Recycle(const std::string& old_path, uint64_t number, uint32_t incarnation,
                 uint64_t in_flight_max_bytes, uint64_t now_ms);

 private:
  Status CheckHeader(File* file, uint64_t number);
  Status WriteZeros(File* file);
  Status WriteHeader(File* file, uint64_t number, uint32_t incarnation,
                     uint64_t in_flight_max_bytes, uint64_t now_ms);
  Status Publish(const std::string& temporary, uint64_t number);

  Storage* const storage_;
  const std::string directory_;
  const SegmentHeaderFields identity_;
  const OpenMode mode_;
  const Headers headers_;
  std::mutex mutex_;
  std::map<uint64_t, std::shared_ptr<File>> open_files_;  // guarded by mutex_
};

}  // namespace seawall

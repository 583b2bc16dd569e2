// LogSurvey: a log directory looked at from outside - no lock, no recovery, no byte changed - for
// tools that must work while the log is in use, and when it is damaged.
//
// What a log refuses to be opened for is a finding here. A log that is being written meanwhile is
// seen as of some moment; whoever wants a later one opens another survey.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/master_record.h"
#include "io/storage.h"
#include "log/log_environment.h"
#include "log/segment_files.h"

namespace seawall {

struct SlotSurvey {
  Status status;  // why it says nothing
  MasterFields fields;
};

struct SegmentSurvey {
  uint64_t number = 0;
  uint64_t bytes = 0;
  Status status;  // of its size and header
  SegmentHeaderFields fields;
};

struct LogSurveyFindings {
  SlotSurvey slots[2];
  bool has_master = false;  // a slot is whole: `master` is the one that holds
  MasterFields master;
  LogId log_id = {};
  LogGeometry geometry;
  uint32_t incarnation_max = 0;
  std::vector<SegmentSurvey> segments;     // ascending
  std::vector<uint64_t> missing_segments;  // the first ten thousand
  Lsn oldest_lsn = 0;
  Lsn files_end_lsn = 0;
  bool is_store = false;
};

class LogSurvey {
 public:
  // Errors: kNotFound, kNotALog, kUnsupportedFormat, kPermission, kIo; kCorruptLog when neither a
  // slot of the master record nor the header of any segment says which log this is. Blocks.
  static Status Open(std::unique_ptr<Storage> storage, const std::string& directory,
                     std::unique_ptr<LogSurvey>* survey);

  const LogSurveyFindings& findings() const { return findings_; }
  const std::string& directory() const { return directory_; }
  Storage* storage() const { return storage_.get(); }
  // Segments whose headers need not be right.
  SegmentFiles* segments() const { return segments_.get(); }

  // Where an open would find the end: see RecoverTail, whose errors these are. What a writer adds
  // meanwhile is not taken for damage. Blocks.
  Status FindEnd(RecoveryReport* report) const;

 private:
  LogSurvey(std::unique_ptr<Storage> storage, const std::string& directory);
  Status ReadMaster();
  Status ReadSegments();
  Status ReadSegment(const std::string& path, SegmentSurvey* segment);
  Status Identify();
  Status CheckNeverWritten() const;
  void FindMissingSegments();
  void AddMissing(uint64_t first, uint64_t end);

  const std::unique_ptr<Storage> storage_;
  const std::string directory_;
  LogSurveyFindings findings_;
  std::unique_ptr<SegmentFiles> segments_;
};

}  // namespace seawall

// Finding the end of the log when it is opened.
#pragma once

#include "log/log_environment.h"
#include "log/master_file.h"
#include "log/segment_files.h"

namespace seawall {

// Decides where the log ends and whether anything durable is damaged. Changes nothing on disk. What
// it reports as kept is durable on return: files are synced before they are read, because bytes
// that a killed process wrote may still be volatile. Scans from the master record's promise; what
// lies below was checked by whoever wrote that promise and is checked again whenever it is read.
//
// Errors: kCorruptLog with the LSN of the damage, kLogMismatch, kUnsupportedFormat, kIo.
Status RecoverTail(MasterFile* master, SegmentFiles* segments, const std::string& log_directory,
                   uint64_t read_bytes_max, const OpenProgress& progress, RecoveryReport* report);

// The same decision about files that somebody else may be writing: nothing is synced, so nothing
// may be promised from what it reports. For LogSurvey.
Status FindTail(const MasterFields& master, SegmentFiles* segments, uint64_t read_bytes_max,
                RecoveryReport* report);

}  // namespace seawall

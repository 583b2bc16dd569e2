// Signals that must not end the process or run handlers of the host on our threads.
#pragma once

#include <csignal>

namespace seawall {

// For threads of our own: every signal is left to the host's threads.
void BlockAllSignalsOnThisThread();

// While one lives, a write over RLIMIT_FSIZE is the error EFBIG on this thread, and not SIGXFSZ,
// which ends the process. Blocking around our own call, and taking back a signal that it raised,
// leaves the host's signal handling as it was. Costs nothing where no limit is set.
class FileSizeSignalBlock {
 public:
  FileSizeSignalBlock();
  ~FileSizeSignalBlock();
  FileSizeSignalBlock(const FileSizeSignalBlock&) = delete;
  FileSizeSignalBlock& operator=(const FileSizeSignalBlock&) = delete;

 private:
  bool blocked_here_ = false;
  sigset_t saved_mask_;
};

}  // namespace seawall

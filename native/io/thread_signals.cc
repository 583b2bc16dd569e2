#include "io/thread_signals.h"

#include <sys/resource.h>
#include <ctime>

#include "base/assert.h"

namespace seawall {

namespace {

sigset_t FileSizeSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGXFSZ);
  return set;
}

bool FileSizeIsLimited() {
  rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

}  // namespace

void BlockAllSignalsOnThisThread() {
  sigset_t all;
  sigfillset(&all);
  SEAWALL_ASSERT(pthread_sigmask(SIG_BLOCK, &all, nullptr) == 0);
}

FileSizeSignalBlock::FileSizeSignalBlock() {
  if (!FileSizeIsLimited()) return;
  const sigset_t signal = FileSizeSignal();
  SEAWALL_ASSERT(pthread_sigmask(SIG_BLOCK, &signal, &saved_mask_) == 0);
  blocked_here_ = sigismember(&saved_mask_, SIGXFSZ) == 0;
}

FileSizeSignalBlock::~FileSizeSignalBlock() {
  if (!blocked_here_) return;
  const sigset_t signal = FileSizeSignal();
  const timespec no_wait = {};
  sigtimedwait(&signal, nullptr, &no_wait);
  pthread_sigmask(SIG_SETMASK, &saved_mask_, nullptr);
}

}  // namespace seawall

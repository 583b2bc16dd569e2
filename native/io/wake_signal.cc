#include "io/wake_signal.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <climits>
#include <ctime>

namespace seawall {

void WakeSignal::Notify() {
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  // Sequentially consistent with the count in Wait: either the sleeper sees the new epoch, or this
  // sees the sleeper.
  if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&epoch_), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr,
          nullptr, 0);
}

void WakeSignal::Wait(uint32_t seen, int64_t timeout_us) {
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  if (epoch_.load(std::memory_order_seq_cst) == seen) {
    timespec timeout;
    timeout.tv_sec = timeout_us / 1000000;
    timeout.tv_nsec = (timeout_us % 1000000) * 1000;
    // A changed epoch, a signal and a timeout all just return: the caller looks at its condition
    // again.
    syscall(SYS_futex, reinterpret_cast<uint32_t*>(&epoch_), FUTEX_WAIT_PRIVATE, seen,
            timeout_us < 0 ? nullptr : &timeout, nullptr, 0);
  }
  sleepers_.fetch_sub(1, std::memory_order_seq_cst);
}

}  // namespace seawall

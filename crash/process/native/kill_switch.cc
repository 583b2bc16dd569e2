#include "kill_switch.h"

#include <fnmatch.h>
#include <unistd.h>
#include <csignal>
#include <thread>

namespace seawall::crash {

KillSwitch* KillSwitch::Get() {
  static auto* const instance = new KillSwitch();
  return instance;
}

void KillSwitch::Arm(const KillPoint& point) {
  std::lock_guard<std::mutex> lock(mutex_);
  point_ = point;
  left_ = point.moment == Moment::kNever ? 0 : point.count;
}

Moment KillSwitch::OfNext(Operation operation, const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (left_ == 0) return Moment::kNever;
  const bool matches =
      (point_.operation == Operation::kAny || point_.operation == operation) &&
      (point_.path.empty() || fnmatch(point_.path.c_str(), path.c_str(), FNM_PATHNAME) == 0);
  if (!matches) return Moment::kNever;
  left_ -= 1;
  return left_ == 0 ? point_.moment : Moment::kNever;
}

void KillSwitch::KillSoon() const {
  std::thread([delay_us = point_.delay_us] {
    usleep(delay_us);
    Kill();
  }).detach();
}

void KillSwitch::Kill() {
  kill(getpid(), SIGKILL);
  while (true) pause();
}

}  // namespace seawall::crash

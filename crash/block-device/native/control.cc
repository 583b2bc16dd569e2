#include "control.h"

#include <sys/resource.h>

#include <sstream>

namespace seawall::crash {
namespace {

bool ToOperation(const std::string& name, Operation* operation) {
  if (name == "read") {
    *operation = Operation::kRead;
  } else if (name == "write") {
    *operation = Operation::kWrite;
  } else if (name == "flush") {
    *operation = Operation::kFlush;
  } else {
    return false;
  }
  return true;
}

uint64_t CpuMicroseconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto microseconds = [](const timeval& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1000000 + static_cast<uint64_t>(time.tv_usec);
  };
  return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

}  // namespace

std::string Control::Answer(const std::string& line) {
  const size_t space = line.find(' ');
  const std::string command = line.substr(0, space);
  const std::string arguments = space == std::string::npos ? "" : line.substr(space + 1);
  std::istringstream words(arguments);
  if (command == "present") return Present(arguments);
  if (command == "fault") return SetFault(arguments);
  if (command == "statistics") return Statistics();
  if (command == "flushes") return Flushes(arguments);
  if (command == "mark") return "ok " + std::to_string(device_->Mark());
  if (command == "record") {
    completions_->CompleteAll();
    device_->Record();
    return "ok";
  }
  if (command == "drop") {
    uint64_t every = 0;
    if (!(words >> every)) return "error drop EVERY";
    device_->DropEveryFlush(every);
    return "ok";
  }
  if (command == "hold") {
    HoldOptions options;
    if (!(words >> options.held_of_256 >> options.microseconds_max >> options.seed)) {
      return "error hold OF256 MICROSECONDS SEED";
    }
    completions_->SetOptions(options);
    return "ok";
  }
  if (command == "save") return device_->Save(arguments) ? "ok" : "error cannot write it";
  if (command == "load") return device_->Load(arguments) ? "ok" : "error cannot read it";
  return "error unknown command";
}

std::string Control::Present(const std::string& arguments) {
  std::istringstream words(arguments);
  size_t depth = 0;
  uint64_t event = 0;
  Coins coins;
  if (!(words >> depth >> event >> coins.seed >> coins.kept_of_256 >> coins.atom_bytes)) {
    return "error present DEPTH EVENT SEED OF256 ATOM";
  }
  if (depth > device_->depth()) return "error there is no such recording";
  completions_->CompleteAll();
  const CrashSummary summary = device_->Present(depth, event, coins);
  std::ostringstream answer;
  answer << "ok {\"durableWrites\":" << summary.durable_writes
         << ",\"volatileWrites\":" << summary.volatile_writes
         << ",\"keptAtoms\":" << summary.kept_atoms << ",\"lostAtoms\":" << summary.lost_atoms
         << "}";
  return answer.str();
}

std::string Control::SetFault(const std::string& arguments) {
  std::istringstream words(arguments);
  std::string name;
  std::string lasting;
  Operation operation;
  Fault fault;
  const bool is_good = (words >> name >> fault.first >> fault.error >> lasting) &&
                       ToOperation(name, &operation) && (lasting == "once" || lasting == "sticky");
  if (!is_good) return "error fault read|write|flush NTH ERRNO once|sticky";
  fault.is_sticky = lasting == "sticky";
  device_->SetFault(operation, fault);
  return "ok";
}

std::string Control::Statistics() const {
  std::ostringstream answer;
  answer << "ok {\"depth\":" << device_->depth()
         << ",\"events\":" << device_->current().event_count() << ",\"reads\":" << device_->reads()
         << ",\"writes\":" << device_->writes() << ",\"flushes\":" << device_->flushes()
         << ",\"droppedFlushes\":" << device_->dropped_flushes()
         << ",\"injectedFaults\":" << device_->InjectedFaults()
         << ",\"cpuMicroseconds\":" << CpuMicroseconds() << "}";
  return answer.str();
}

// For every flush: the events at which it was issued and completed, and how many writes are
// volatile until then.
std::string Control::Flushes(const std::string& arguments) const {
  std::istringstream words(arguments);
  size_t depth = 0;
  if (!(words >> depth) || depth > device_->depth()) return "error there is no such recording";
  std::ostringstream answer;
  answer << "ok [";
  const char* separator = "";
  const Recording& recording = device_->recording(depth);
  for (const Recording::Flush& flush : recording.flushes()) {
    if (flush.completed == Recording::kNever) continue;
    answer << separator << "[" << flush.issued << "," << flush.completed << ","
           << recording.VolatileWritesAt(flush.completed) << "]";
    separator = ",";
  }
  answer << "]";
  return answer.str();
}

}  // namespace seawall::crash

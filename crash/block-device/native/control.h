// Commands from the harness: one line each, answered by one line that begins with ok or error.
#pragma once

#include <string>

#include "completion_queue.h"
#include "faulty_device.h"

namespace seawall::crash {

class Control {
 public:
  Control(FaultyDevice* device, CompletionQueue* completions)
      : device_(device), completions_(completions) {}

  std::string Answer(const std::string& line);

 private:
  std::string Present(const std::string& arguments);
  std::string SetFault(const std::string& arguments);
  std::string Statistics() const;
  std::string Flushes(const std::string& arguments) const;

  FaultyDevice* const device_;
  CompletionQueue* const completions_;
};

}  // namespace seawall::crash

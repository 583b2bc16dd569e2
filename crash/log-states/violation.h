// A broken promise: which one (I1 to I18 of docs/CRASH-TESTING.md), and what was seen.
#pragma once

#include <optional>
#include <string>

namespace seawall::crash {

struct Violation {
  std::string oracle;
  std::string message;
};

using Verdict = std::optional<Violation>;

}  // namespace seawall::crash

// What was being run when an assertion of the code under test stops the process: the violation is
// printed with its choices all the same.
#pragma once

#include "explorer.h"

namespace seawall::crash {

// Takes SIGABRT over.
void InstallLastWords();
// What runs from here on. `trace` may grow while it runs; it may be null.
void SetCurrentRun(const Setup& setup, const Trail& trail,
                   const std::vector<simulation::Choice>* trace);

}  // namespace seawall::crash

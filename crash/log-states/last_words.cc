#include "last_words.h"

#include <signal.h>
#include <unistd.h>

#include "json_lines.h"

namespace seawall::crash {

namespace {

constexpr int kViolation = 3;

const Setup* g_setup = nullptr;
const Trail* g_trail = nullptr;
const std::vector<simulation::Choice>* g_trace = nullptr;

// Not what a signal handler may do; but the process is sound, and this is the last thing it does.
void SayLastWords(int) {
  signal(SIGABRT, SIG_DFL);
  if (g_setup == nullptr) return;
  Trail trail = *g_trail;
  if (g_trace != nullptr)
    for (const simulation::Choice& choice : *g_trace) trail.push_back(choice.chosen);
  JsonLine("violation")
      .Text("oracle", "I13")
      .Text("message", "an assertion of the log stopped the process")
      .Text("device", g_setup->name)
      .Number("setup", SetupNumber(*g_setup))
      .Number("lying", g_setup->lying_sync)
      .Number("faults", 0)
      .List("choices", trail)
      .Print();
  _exit(kViolation);
}

}  // namespace

void InstallLastWords() { signal(SIGABRT, SayLastWords); }

void SetCurrentRun(const Setup& setup, const Trail& trail,
                   const std::vector<simulation::Choice>* trace) {
  g_setup = &setup;
  g_trail = &trail;
  g_trace = trace;
}

}  // namespace seawall::crash

// crash_log: every crash state of the log alone, exhaustively within bounds (L1-log).
//
//   crash_log [--seconds N] [--seed N] [--crashes N] [--steps N] [--setup N] [--full] [--lying]
//   crash_log --replay JSON    one run; - reads one JSON a line
//
// Prints JSON lines. Exit code: 0 no violation, 3 a violation, 2 wrong arguments.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "campaign.h"
#include "fault_table.h"
#include "json_lines.h"
#include "last_words.h"

namespace seawall::crash {

namespace {

constexpr int kNoViolation = 0;
constexpr int kWrongArguments = 2;
constexpr int kViolation = 3;

int ReplayFaults(const Setup& setup, uint32_t step_bytes) {
  const FaultTable table = TryFaults(setup, step_bytes);
  const bool is_broken = !table.violations.empty();
  JsonLine("replay")
      .Text("oracle", is_broken ? table.violations.front().oracle : "")
      .Text("message", is_broken ? table.violations.front().message : "")
      .Print();
  return is_broken ? kViolation : kNoViolation;
}

int Replay(const std::string& json) {
  double setup_number = 0;
  double lying = 0;
  Trail trail;
  double fault_step_bytes = 0;
  const bool has_choices = FindList(json, "choices", &trail);
  FindNumber(json, "faults", &fault_step_bytes);
  if (!has_choices && fault_step_bytes == 0) return kWrongArguments;
  FindNumber(json, "setup", &setup_number);
  FindNumber(json, "lying", &lying);
  const auto index = static_cast<size_t>(setup_number);
  if (index >= Setups().size()) return kWrongArguments;
  Setup setup = Setups()[index];
  setup.lying_sync = lying != 0;
  if (fault_step_bytes != 0) return ReplayFaults(setup, static_cast<uint32_t>(fault_step_bytes));
  SetCurrentRun(setup, trail, nullptr);
  auto choices = std::make_shared<simulation::ListedChoices>(trail);
  uint64_t states = 0;
  const Verdict broken = RunOnce(setup, RunLimits(), choices, &states);
  JsonLine line("replay");
  line.Text("oracle", broken ? broken->oracle : "").Text("message", broken ? broken->message : "");
  Trail taken;
  Trail counts;
  for (const simulation::Choice& choice : choices->trace()) {
    taken.push_back(choice.chosen);
    counts.push_back(choice.count);
  }
  line.Number("states", static_cast<double>(states));
  line.List("choices", taken).List("counts", counts).Print();
  return broken ? kViolation : kNoViolation;
}

int ReplayLines() {
  int worst = kNoViolation;
  std::string line;
  while (std::getline(std::cin, line)) worst = std::max(worst, Replay(line));
  return worst;
}

int Main(int argc, char** argv) {
  CampaignOptions options;
  for (int i = 1; i < argc; i++) {
    const std::string name = argv[i];
    if (name == "--full") {
      options.full = true;
      continue;
    }
    if (name == "--lying") {
      options.lying_sync = true;
      continue;
    }
    if (i + 1 == argc) return kWrongArguments;
    const char* const value = argv[++i];
    if (name == "--replay") return std::strcmp(value, "-") == 0 ? ReplayLines() : Replay(value);
    const double number = std::atof(value);
    if (name == "--seconds") {
      options.cpu_seconds = number;
    } else if (name == "--seed") {
      options.seed = std::strtoull(value, nullptr, 10);
    } else if (name == "--crashes") {
      options.limits.crashes = static_cast<uint32_t>(number);
    } else if (name == "--steps") {
      options.steps_max = static_cast<uint32_t>(number);
    } else if (name == "--setup") {
      options.only_setup = static_cast<int>(number);
    } else {
      return kWrongArguments;
    }
  }
  return Campaign(options).Run() == 0 ? kNoViolation : kViolation;
}

}  // namespace

}  // namespace seawall::crash

int main(int argc, char** argv) {
  seawall::crash::InstallLastWords();
  return seawall::crash::Main(argc, argv);
}

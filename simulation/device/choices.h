// Choices: where everything that a simulated device leaves open is decided: which version of a
// block survived, which operation completes next. One run is one list of choices; the list brings
// the run back.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace seawall::simulation {

class Choices {
 public:
  virtual ~Choices() = default;
  // A number below `count`. `what` says in words what is chosen. A count of 1 is no choice and is
  // not recorded.
  uint32_t Pick(uint32_t count, const char* what) { return count <= 1 ? 0 : Choose(count, what); }

 private:
  virtual uint32_t Choose(uint32_t count, const char* what) = 0;
};

struct Choice {
  uint32_t chosen;
  uint32_t count;
  const char* what;
};

// Goes through all runs, depth first: run, Next, run again, until Next is false. The program under
// test must ask the same questions as long as it gets the same answers.
class Odometer final : public Choices {
 public:
  // Makes ready for the next run; false when every run was made.
  bool Next();
  // The choices of this run so far; after Next, the prefix that the next run is held to.
  const std::vector<Choice>& trace() const { return trace_; }
  // Runs that a run stands for when it is one of those at every choice: the product of the counts.
  double runs_at_most() const;

 private:
  uint32_t Choose(uint32_t count, const char* what) override;

  std::vector<Choice> trace_;
  size_t position_ = 0;
};

// A seed decides. Keeps what it chose, so that the run can be listed.
class RandomChoices final : public Choices {
 public:
  explicit RandomChoices(uint64_t seed) : random_(seed) {}
  const std::vector<Choice>& trace() const { return trace_; }

 private:
  uint32_t Choose(uint32_t count, const char* what) override;

  std::mt19937_64 random_;
  std::vector<Choice> trace_;
};

// Does again what a list says; behind its end, and where it says more than there is, the first or
// the last.
class ListedChoices final : public Choices {
 public:
  explicit ListedChoices(std::vector<uint32_t> list) : list_(std::move(list)) {}
  const std::vector<Choice>& trace() const { return trace_; }

 private:
  uint32_t Choose(uint32_t count, const char* what) override;

  const std::vector<uint32_t> list_;
  std::vector<Choice> trace_;
};

// The newest, always.
class LastChoices final : public Choices {
 private:
  uint32_t Choose(uint32_t count, const char*) override { return count - 1; }
};

}  // namespace seawall::simulation

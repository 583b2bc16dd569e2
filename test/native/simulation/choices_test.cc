// Goal: every run is made once, and a list of choices brings a run back.
// Method: programs whose runs can be counted by hand.
#include "device/choices.h"

#include <set>
#include <string>

#include "support/test_main.h"

namespace seawall::test {

namespace {

using simulation::Choice;
using simulation::LastChoices;
using simulation::ListedChoices;
using simulation::Odometer;
using simulation::RandomChoices;

// Asks a second question only after one answer: 1 + 3 + 1 runs.
std::string AskTwice(simulation::Choices* choices) {
  const uint32_t first = choices->Pick(3, "first");
  if (first != 1) return std::to_string(first);
  return "1" + std::to_string(choices->Pick(3, "second"));
}

TEST(Choices, AnOdometer_GoesThroughEveryRunOnceDepthFirst) {
  Odometer odometer;
  std::string runs;
  do {
    runs += AskTwice(&odometer) + " ";
  } while (odometer.Next());
  EXPECT_EQ(runs, std::string("0 10 11 12 2 "));
}

TEST(Choices, AQuestionWithOneAnswer_IsNoChoice) {
  Odometer odometer;
  EXPECT_EQ(odometer.Pick(1, "nothing"), 0u);
  EXPECT_EQ(odometer.trace().size(), size_t{0});
  EXPECT_TRUE(!odometer.Next());
}

TEST(Choices, TheListOfARun_BringsItBack) {
  RandomChoices random(7);
  const std::string run = AskTwice(&random) + AskTwice(&random);
  std::vector<uint32_t> list;
  for (const Choice& choice : random.trace()) list.push_back(choice.chosen);
  ListedChoices listed(list);
  const std::string again = AskTwice(&listed) + AskTwice(&listed);
  EXPECT_EQ(again, run);
}

TEST(Choices, BehindTheEndOfAListAndBeyondTheCount_TheFirstAndTheLastAreTaken) {
  ListedChoices listed({9});
  EXPECT_EQ(listed.Pick(3, "beyond"), 2u);
  EXPECT_EQ(listed.Pick(3, "behind"), 0u);
  LastChoices last;
  EXPECT_EQ(last.Pick(5, "last"), 4u);
}

TEST(Choices, ASeed_GivesTheSameRunEveryTime) {
  std::set<std::string> runs;
  for (int i = 0; i < 5; i++) {
    RandomChoices random(11);
    std::string run;
    for (int k = 0; k < 20; k++) run += AskTwice(&random);
    runs.insert(run);
  }
  EXPECT_EQ(runs.size(), size_t{1});
}

}  // namespace

}  // namespace seawall::test

#include "device/choices.h"

#include <algorithm>

#include "base/assert.h"

namespace seawall::simulation {

uint32_t Odometer::Choose(uint32_t count, const char* what) {
  if (position_ == trace_.size()) trace_.push_back({0, count, what});
  const Choice& choice = trace_[position_++];
  SEAWALL_ASSERT(choice.count == count && "the same answers must lead to the same questions");
  return choice.chosen;
}

bool Odometer::Next() {
  SEAWALL_ASSERT(position_ == trace_.size());
  position_ = 0;
  while (!trace_.empty() && trace_.back().chosen + 1 == trace_.back().count) trace_.pop_back();
  if (trace_.empty()) return false;
  trace_.back().chosen += 1;
  return true;
}

double Odometer::runs_at_most() const {
  double runs = 1;
  for (const Choice& choice : trace_) runs *= choice.count;
  return runs;
}

uint32_t RandomChoices::Choose(uint32_t count, const char* what) {
  const auto chosen = static_cast<uint32_t>(random_() % count);
  trace_.push_back({chosen, count, what});
  return chosen;
}

uint32_t ListedChoices::Choose(uint32_t count, const char* what) {
  const size_t at = trace_.size();
  const uint32_t chosen = at < list_.size() ? std::min(list_[at], count - 1) : 0;
  trace_.push_back({chosen, count, what});
  return chosen;
}

}  // namespace seawall::simulation

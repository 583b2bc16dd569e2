// The states that were explored, by their hash. Open addressing; forgets everything when full.
#pragma once

#include <cstdint>
#include <vector>

namespace seawall::crash {

class VisitedSet {
 public:
  explicit VisitedSet(size_t capacity) : slots_(capacity, 0) {}

  // False when it was there already.
  bool Insert(uint64_t hash) {
    hash |= 1;
    size_t at = (hash >> 1) % slots_.size();
    while (slots_[at] != 0) {
      if (slots_[at] == hash) return false;
      at = at + 1 == slots_.size() ? 0 : at + 1;
    }
    slots_[at] = hash;
    count_ += 1;
    if (count_ > slots_.size() / 2) Clear();
    return true;
  }
  bool Contains(uint64_t hash) const {
    hash |= 1;
    size_t at = (hash >> 1) % slots_.size();
    while (slots_[at] != 0) {
      if (slots_[at] == hash) return true;
      at = at + 1 == slots_.size() ? 0 : at + 1;
    }
    return false;
  }
  uint64_t forgotten() const { return forgotten_; }

 private:
  void Clear() {
    slots_.assign(slots_.size(), 0);
    count_ = 0;
    forgotten_ += 1;
  }

  std::vector<uint64_t> slots_;
  size_t count_ = 0;
  uint64_t forgotten_ = 0;
};

}  // namespace seawall::crash

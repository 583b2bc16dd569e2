// Goal: which fragment may follow which, rule by rule (H01: nothing of an older incarnation behind
// a newer one). Method: sealed fragments handed to the sequence one after the other.
#include "log/fragment_sequence.h"

#include <vector>

#include "support/test_main.h"

namespace seawall::test {

namespace {

const LogId kLogId = {};
constexpr uint8_t kWhole = layout::flag_first | layout::flag_last;

struct Step {
  uint32_t incarnation;
  uint8_t kind;
  uint8_t flags;
};

// The verdict on the last step, the others being accepted.
FragmentVerdict Follow(const std::vector<Step>& steps, uint32_t incarnation_min = 1,
                       uint32_t incarnation_max = 5) {
  FragmentSequence sequence(HeaderSeed(kLogId), incarnation_min, incarnation_max);
  Fragment fragment;
  Lsn lsn = 0;
  for (size_t i = 0; i < steps.size(); i++) {
    std::vector<uint8_t> bytes(StreamBytes(kRecordHeaderBytes + 20), 7);
    RecordFrame frame;
    frame.body_bytes = 20;
    frame.kind = steps[i].kind;
    frame.flags = steps[i].flags;
    FrameRecord(bytes.data(), frame);
    SealRecord(bytes.data(), HeaderSeed(kLogId), lsn, steps[i].incarnation, 0);
    fragment = sequence.Examine(bytes.data(), bytes.size(), lsn);
    if (i + 1 < steps.size()) EXPECT_TRUE(fragment.verdict == FragmentVerdict::kAccepted);
    lsn = fragment.next_lsn();
  }
  return fragment.verdict;
}

TEST(FragmentSequence, RecordsOfOneIncarnationFollowEachOther) {
  EXPECT_TRUE(Follow({{2, 1, kWhole}, {2, 1, kWhole}, {2, 3, kWhole}}) ==
              FragmentVerdict::kAccepted);
}

TEST(FragmentSequence, H01IncarnationNeverGoesDown) {
  EXPECT_TRUE(Follow({{3, 1, kWhole}, {2, 1, kWhole}}) == FragmentVerdict::kStaleIncarnation);
  EXPECT_TRUE(Follow({{3, 1, kWhole}, {2, 2, kWhole}}) == FragmentVerdict::kStaleIncarnation);
}

TEST(FragmentSequence, H01IncarnationGoesUpOnlyAtItsFirstRecord) {
  EXPECT_TRUE(Follow({{2, 1, kWhole}, {3, 2, kWhole}}) == FragmentVerdict::kAccepted);
  EXPECT_TRUE(Follow({{2, 1, kWhole}, {5, 2, kWhole}}) == FragmentVerdict::kAccepted);
  EXPECT_TRUE(Follow({{2, 1, kWhole}, {3, 1, kWhole}}) == FragmentVerdict::kForeignIncarnation);
  EXPECT_TRUE(Follow({{2, 1, kWhole}, {2, 2, kWhole}}) == FragmentVerdict::kForeignIncarnation);
}

TEST(FragmentSequence, IncarnationsOutsideTheBoundsAreRefusedAtOnce) {
  EXPECT_TRUE(Follow({{6, 1, kWhole}}) == FragmentVerdict::kForeignIncarnation);
  EXPECT_TRUE(Follow({{3, 1, kWhole}}, 4) == FragmentVerdict::kStaleIncarnation);
}

TEST(FragmentSequence, PiecesComeInOrderAndNothingComesBetween) {
  const uint8_t first = layout::flag_first;
  const uint8_t last = layout::flag_last;
  EXPECT_TRUE(Follow({{2, 1, first}, {2, 1, 0}, {2, 1, last}, {2, 1, kWhole}}) ==
              FragmentVerdict::kAccepted);
  EXPECT_TRUE(Follow({{2, 1, 0}}) == FragmentVerdict::kOutOfSequence);
  EXPECT_TRUE(Follow({{2, 1, last}}) == FragmentVerdict::kOutOfSequence);
  EXPECT_TRUE(Follow({{2, 1, first}, {2, 1, kWhole}}) == FragmentVerdict::kOutOfSequence);
  EXPECT_TRUE(Follow({{2, 1, first}, {2, 3, kWhole}}) == FragmentVerdict::kOutOfSequence);
  EXPECT_TRUE(Follow({{2, 1, first}, {3, 2, kWhole}}) == FragmentVerdict::kOutOfSequence);
}

TEST(FragmentSequence, EveryPrefixOfAFragmentWantsMoreBytes) {
  std::vector<uint8_t> bytes(StreamBytes(kRecordHeaderBytes + 20), 7);
  RecordFrame frame;
  frame.body_bytes = 20;
  FrameRecord(bytes.data(), frame);
  SealRecord(bytes.data(), HeaderSeed(kLogId), 0, 1, 0);
  for (size_t length = 0; length < bytes.size(); length++) {
    FragmentSequence sequence(HeaderSeed(kLogId), 1, 1);
    EXPECT_TRUE(sequence.Examine(bytes.data(), length, 0).verdict ==
                FragmentVerdict::kNeedMoreBytes);
  }
}

}  // namespace

}  // namespace seawall::test

// Goal: the decision about the end of the log, case by case.
// Method: a table of findings and what must follow from them; the look-ahead on hand-made bytes.
#include "log/tail_decision.h"

#include <vector>

#include "support/test_main.h"

namespace seawall::test {

namespace {

TailFindings Findings(Lsn promise, Lsn end, Lsn stop) {
  TailFindings findings;
  findings.master_promise_lsn = promise;
  findings.end_lsn = end;
  findings.stop_lsn = stop;
  findings.stop_reason = "zeros";
  return findings;
}

TEST(TailDecision, NothingBeyondTheEndIsClean) {
  const TailOutcome outcome = DecideTail(Findings(100, 200, 200));
  EXPECT_TRUE(outcome.verdict == TailVerdict::kClean);
  EXPECT_EQ(outcome.end_lsn, Lsn{200});
  EXPECT_EQ(outcome.cut_bytes, uint64_t{0});
}

TEST(TailDecision, UnpromisedRecordsBeyondTheStopAreATornTail) {
  TailFindings findings = Findings(100, 200, 200);
  findings.evidence = {200, 400, 464};
  const TailOutcome outcome = DecideTail(findings);
  EXPECT_TRUE(outcome.verdict == TailVerdict::kTorn);
  EXPECT_EQ(outcome.cut_bytes, uint64_t{264});
}

TEST(TailDecision, APromiseBeyondTheStopIsDamage) {
  TailFindings findings = Findings(100, 200, 200);
  findings.evidence = {208, 400, 464};
  EXPECT_TRUE(DecideTail(findings).verdict == TailVerdict::kDamaged);
}

TEST(TailDecision, ARecordWithoutItsLastPiecesIsCutFromItsBeginning) {
  TailFindings findings = Findings(100, 200, 5000);
  findings.evidence = {5000, 6000, 6100};
  const TailOutcome outcome = DecideTail(findings);
  EXPECT_TRUE(outcome.verdict == TailVerdict::kTorn);
  EXPECT_EQ(outcome.end_lsn, Lsn{200});
  EXPECT_EQ(outcome.cut_bytes, uint64_t{5900});
}

TEST(TailDecision, RecordsBehindACleanCloseMeanAnOldMasterRecord) {
  TailFindings findings = Findings(100, 200, 200);
  findings.master_clean = true;
  EXPECT_TRUE(DecideTail(findings).verdict == TailVerdict::kMasterOlder);
}

TEST(TailDecision, AnIncarnationThatTheMasterDoesNotKnowMeansAnOldMasterRecord) {
  TailFindings findings = Findings(100, 200, 200);
  findings.stop_verdict = FragmentVerdict::kForeignIncarnation;
  EXPECT_TRUE(DecideTail(findings).verdict == TailVerdict::kMasterOlder);
}

TEST(TailDecision, DamageWinsOverEverything) {
  TailFindings findings = Findings(100, 200, 200);
  findings.master_clean = true;
  findings.stop_verdict = FragmentVerdict::kForeignIncarnation;
  findings.evidence = {300, 400, 464};
  EXPECT_TRUE(DecideTail(findings).verdict == TailVerdict::kDamaged);
}

TEST(TailDecision, LookAheadFindsHeadersAtEveryAlignedPlaceAndOfOneIncarnationOnly) {
  const LogId log_id = {};
  const uint32_t seed = HeaderSeed(log_id);
  for (const uint32_t incarnation : {3u, 4u}) {
    for (size_t at = 0; at <= 1000; at += 8) {
      std::vector<uint8_t> bytes(2048, 0);
      RecordFrame frame;
      frame.body_bytes = 200;
      FrameRecord(bytes.data() + at, frame);
      SealRecord(bytes.data() + at, seed, 8000 + at, incarnation, 4096);
      PromiseEvidence evidence;
      CollectEvidence(bytes.data(), bytes.size(), 8000, seed, 4, &evidence);
      EXPECT_EQ(evidence.promise_lsn, incarnation == 4 ? Lsn{4096} : Lsn{0});
      EXPECT_EQ(evidence.written_end_lsn, incarnation == 4 ? Lsn{8000 + at + 224} : Lsn{0});
    }
  }
}

}  // namespace

}  // namespace seawall::test

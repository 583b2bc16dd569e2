// Goal: a survey shows everything that is whole in the files of a log, names everything that is
// not, and invents nothing; where it finds the end, an open finds it too. Method: logs on a
// SimulatedDisk, damaged by hand and by random bytes from a printed seed; a writer beside it.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <thread>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "log/survey_scan.h"
#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

constexpr const char* kMaster = "/log/master";
constexpr uint64_t kPayloadBytes = (64 << 10) - 4096;

std::unique_ptr<LogSurvey> Survey(const std::shared_ptr<SimulatedDisk>& disk) {
  std::unique_ptr<LogSurvey> survey;
  EXPECT_OK(LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey));
  return survey;
}

struct Seen {
  std::vector<SurveyRow> rows;
  std::map<Lsn, std::string> good;  // bodies of whole records of the user
};

// Also: rows cover the files from `from` to the end, each byte once.
Seen ScanFrom(const LogSurvey& survey, Lsn from) {
  Seen seen;
  SurveyScan scan(&survey, from, UINT64_MAX);
  Lsn at = from;
  while (true) {
    SurveyBatch batch;
    EXPECT_OK(scan.Next(&batch));
    if (batch.rows.empty()) break;
    for (const SurveyRow& row : batch.rows) {
      EXPECT_EQ(row.lsn, at);
      EXPECT_TRUE(row.next_lsn > row.lsn);
      at = row.next_lsn;
      seen.rows.push_back(row);
      if (row.verdict != SurveyVerdict::kGood || row.header.kind != layout::kind_record) continue;
      EXPECT_TRUE(row.body_offset + row.body_bytes <= batch.buffer_bytes);
      seen.good[row.lsn] = std::string(
          reinterpret_cast<const char*>(batch.buffer.get() + row.body_offset), row.body_bytes);
    }
  }
  EXPECT_EQ(at, survey.findings().files_end_lsn);
  return seen;
}

Seen Scan(const LogSurvey& survey) { return ScanFrom(survey, survey.findings().oldest_lsn); }

std::string BodyOf(size_t i, size_t bytes) {
  return Repeated(static_cast<char>('a' + i % 26), bytes);
}

TEST(LogSurvey, AWholeLog_EveryRecordAndThenZeros) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(20, 700, &lsns);
  const auto survey = Survey(disk);
  const Seen seen = Scan(*survey);
  EXPECT_EQ(seen.good.size(), size_t{20});
  for (size_t i = 0; i < lsns.size(); i++) EXPECT_TRUE(seen.good.at(lsns[i]) == BodyOf(i, 700));
  EXPECT_TRUE(seen.rows.back().verdict == SurveyVerdict::kGap);
  EXPECT_TRUE(seen.rows.back().reason == GapReason::kZeros && seen.rows.back().only_zeros);
}

TEST(LogSurvey, FromInsideARecord_AGapUpToTheNextOne) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(20, 700, &lsns);
  const auto survey = Survey(disk);
  const Seen seen = ScanFrom(*survey, lsns[4] + 8);
  EXPECT_TRUE(seen.rows[0].verdict == SurveyVerdict::kGap);
  EXPECT_EQ(seen.rows[0].next_lsn, lsns[5]);
  EXPECT_EQ(seen.good.size(), size_t{15});
}

TEST(LogSurvey, ABodyThatIsDamaged_TheRecordIsShownWithIt) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(10, 300, &lsns);
  disk->FlipBit(PathOf(lsns[3]), OffsetOf(lsns[3]) + 100, 1);
  const Seen seen = Scan(*Survey(disk));
  EXPECT_EQ(seen.good.size(), size_t{9});
  for (const SurveyRow& row : seen.rows) {
    EXPECT_EQ(row.verdict == SurveyVerdict::kBodyMismatch, row.lsn == lsns[3]);
  }
}

TEST(LogSurvey, AHeaderThatIsDamaged_AGapUpToTheNextRecord) {
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(10, 300, &lsns);
  disk->FlipBit(PathOf(lsns[3]), OffsetOf(lsns[3]) + 1, 1);
  const Seen seen = Scan(*Survey(disk));
  EXPECT_EQ(seen.good.size(), size_t{9});
  for (const SurveyRow& row : seen.rows) {
    if (row.verdict != SurveyVerdict::kGap || row.only_zeros) continue;
    EXPECT_EQ(row.lsn, lsns[3]);
    EXPECT_EQ(row.next_lsn, lsns[4]);
    EXPECT_TRUE(row.reason == GapReason::kBadChecksum);
  }
}

// A log of several segments; records cross their borders.
std::shared_ptr<SimulatedDisk> LongLog(std::vector<Lsn>* lsns) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLog log(disk);
  EXPECT_OK(log.status());
  for (size_t i = 0; i < 60; i++) {
    lsns->push_back(log.Commit(BodyOf(i, 5000)));
    EXPECT_OK(log.Background());
  }
  EXPECT_OK(log.Close());
  return disk->PowerCut(Survival::kNothing, 1);
}

TEST(LogSurvey, ASegmentThatIsMissing_WhatStandsBeforeAndBehindIt) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  disk->RemoveFile(PathOf(2 * kPayloadBytes));
  const auto survey = Survey(disk);
  EXPECT_EQ(survey->findings().missing_segments.size(), size_t{1});
  const Seen seen = Scan(*survey);
  for (size_t i = 0; i < lsns.size(); i++) {
    const Lsn end = lsns[i] + StreamBytes(kRecordHeaderBytes + 5000);
    const bool is_gone = end > 2 * kPayloadBytes && lsns[i] < 3 * kPayloadBytes;
    EXPECT_EQ(seen.good.count(lsns[i]), size_t{is_gone ? 0u : 1u});
  }
}

TEST(LogSurvey, ASegmentThatTheDriveDoesNotRead_WhatStandsBeforeAndBehindIt) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  const auto survey = Survey(disk);
  disk->before = [](Operation operation, const std::string& path) {
    if (operation == Operation::kRead && path == PathOf(kPayloadBytes))
      return Status::FromErrno(EIO, "pread", path);
    return Status::Ok();
  };
  const Seen seen = Scan(*survey);
  size_t expected = 0;
  for (Lsn lsn : lsns) {
    const Lsn end = lsn + StreamBytes(kRecordHeaderBytes + 5000);
    if (end <= kPayloadBytes || lsn >= 2 * kPayloadBytes)
      expected += seen.good.count(lsn);
    else
      EXPECT_EQ(seen.good.count(lsn), size_t{0});
  }
  EXPECT_EQ(expected, seen.good.size());
  EXPECT_TRUE(expected > 40);
}

TEST(LogSurvey, SectorsThatTheMediumHasLost_OnlyTheirRecordsAreMissing) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  disk->MakeUnreadable(PathOf(lsns[7]), (OffsetOf(lsns[7]) + 1000) / 512 * 512);
  const Seen seen = Scan(*Survey(disk));
  EXPECT_EQ(seen.good.size(), lsns.size() - 1);
  EXPECT_EQ(seen.good.count(lsns[7]), size_t{0});
}

TEST(LogSurvey, NoMasterRecord_TheSegmentsSayWhichLogItIs) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  disk->FlipBit(kMaster, 40, 1);
  disk->FlipBit(kMaster, 65536 + 40, 1);
  const auto survey = Survey(disk);
  EXPECT_TRUE(!survey->findings().has_master);
  EXPECT_EQ(Scan(*survey).good.size(), lsns.size());
  RecoveryReport report;
  EXPECT_TRUE(survey->FindEnd(&report).code() == Code::kCorruptLog);
  disk->RemoveFile(kMaster);
  EXPECT_EQ(Scan(*Survey(disk)).good.size(), lsns.size());
}

TEST(LogSurvey, ASegmentHeaderThatIsDamaged_ItsRecordsAreShown) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  disk->FlipBit(PathOf(kPayloadBytes), 20, 1);
  const auto survey = Survey(disk);
  EXPECT_TRUE(!survey->findings().segments[1].status.ok());
  EXPECT_TRUE(survey->findings().segments[0].status.ok());
  EXPECT_EQ(Scan(*survey).good.size(), lsns.size());
}

TEST(LogSurvey, NoLog_SaysWhatIsThereInstead) {
  std::unique_ptr<LogSurvey> survey;
  auto disk = std::make_shared<SimulatedDisk>();
  disk->CreateDirectory(kDirectory);
  EXPECT_TRUE(LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey).code() ==
              Code::kNotFound);
  disk->AddFile("/log/master.tmp", {1, 2, 3});
  disk->CreateDirectory("/log/wal");
  EXPECT_TRUE(LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey).code() ==
              Code::kNotFound);
  disk->AddFile("/log/photo.jpg", {1, 2, 3});
  EXPECT_TRUE(LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey).code() ==
              Code::kNotALog);
  disk->AddFile(kMaster, std::vector<uint8_t>(65536 + 4096, 7));
  EXPECT_TRUE(LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey).code() ==
              Code::kCorruptLog);
}

// Lsn -> end of the record, of those that stand in a log of DiskWithCommits.
bool IsTouched(Lsn lsn, uint64_t body_bytes, const std::vector<std::pair<uint64_t, uint64_t>>& at) {
  const uint64_t from = OffsetOf(lsn);
  const uint64_t to = from + kRecordHeaderBytes + body_bytes;
  for (const auto& [offset, bytes] : at) {
    if (offset < to && offset + bytes > from) return true;
  }
  return false;
}

TEST(LogSurvey, H46GarbageAnywhere_WhatItDidNotTouchIsShownAndNothingElse) {
  const uint64_t seed = Seed(77);
  std::mt19937_64 random(seed);
  std::vector<Lsn> lsns;
  auto pristine = DiskWithCommits(20, 700, &lsns);
  for (int round = 0; round < 1000; round++) {
    auto disk = pristine->PowerCut(Survival::kNothing, 1);
    std::vector<std::pair<uint64_t, uint64_t>> touched;
    for (uint64_t n = 1 + random() % 5; n > 0; n--) {
      std::vector<uint8_t> garbage(1 + random() % 300);
      for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(random());
      const uint64_t offset = random() % 20000;
      disk->Overwrite(PathOf(0), offset, garbage);
      touched.push_back({offset, garbage.size()});
    }
    const Seen seen = Scan(*Survey(disk));
    for (size_t i = 0; i < lsns.size(); i++) {
      const bool is_there = seen.good.count(lsns[i]) == 1;
      if (!IsTouched(lsns[i], 700, touched)) EXPECT_TRUE(is_there);
      if (is_there) EXPECT_TRUE(seen.good.at(lsns[i]) == BodyOf(i, 700));
    }
    for (const auto& [lsn, body] : seen.good)
      EXPECT_TRUE(std::find(lsns.begin(), lsns.end(), lsn) != lsns.end());
  }
}

TEST(LogSurvey, GarbageInAnyFile_TheEndIsWhereAnOpenFindsIt) {
  const uint64_t seed = Seed(88);
  std::mt19937_64 random(seed);
  std::vector<Lsn> lsns;
  auto pristine = DiskWithCommits(20, 700, &lsns);
  int refused = 0;
  for (int round = 0; round < 600; round++) {
    auto disk = pristine->PowerCut(Survival::kNothing, 1);
    for (uint64_t n = random() % 3; n > 0; n--) {
      std::vector<uint8_t> garbage(1 + random() % 40);
      for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(random());
      disk->Overwrite(round % 4 == 0 ? kMaster : PathOf(0), random() % 20000, garbage);
    }
    std::unique_ptr<LogSurvey> survey;
    Status status = LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey);
    RecoveryReport report;
    if (status.ok()) status = survey->FindEnd(&report);
    TestLogOptions options;
    options.read_only = true;
    TestLog opened(disk, options);
    EXPECT_TRUE(status.code() == opened.status().code());
    if (status.ok()) {
      EXPECT_EQ(report.end_lsn, opened.report().end_lsn);
      EXPECT_EQ(report.cut_bytes, opened.report().cut_bytes);
      EXPECT_EQ(report.reason, opened.report().reason);
    } else {
      refused += 1;
      EXPECT_EQ(status.lsn(), opened.status().lsn());
    }
  }
  EXPECT_TRUE(refused > 50 && refused < 550);
}

// Changes both slots, with checksums that are right.
void ForgeMaster(SimulatedDisk* disk, const std::function<void(layout::MasterRecord*)>& change) {
  const std::vector<uint8_t> bytes = disk->Bytes(kMaster);
  for (uint64_t offset : {uint64_t{0}, uint64_t{layout::master_slot_stride_bytes}}) {
    auto record = LoadLittleEndian<layout::MasterRecord>(bytes.data() + offset);
    change(&record);
    record.record_crc = Crc32c(&record, sizeof(record) - sizeof(uint32_t));
    std::vector<uint8_t> forged(sizeof(record));
    StoreLittleEndian(forged.data(), record);
    disk->Overwrite(kMaster, offset, forged);
  }
}

TEST(LogSurvey, AMasterRecordOfAnyNumbers_RefusedOrSurveyedAndNeverAnAssertion) {
  const uint64_t seed = Seed(99);
  std::mt19937_64 random(seed);
  std::vector<Lsn> lsns;
  auto pristine = LongLog(&lsns);
  const uint64_t odd[] = {0,       1,       48,       uint64_t{1} << 21, uint64_t{1} << 32,
                          1 << 30, 1 << 16, ~0ull,    ~0ull - 7,         layout::lsn_max,
                          100,     4096,    lsns[20], lsns[20] + 4,      layout::lsn_max - 7};
  int refused = 0;
  for (int round = 0; round < 3000; round++) {
    auto disk = pristine->PowerCut(Survival::kNothing, 1);
    ForgeMaster(disk.get(), [&](layout::MasterRecord* record) {
      uint64_t* const fields[] = {&record->incarnation_start_lsn,
                                  &record->promise_lsn,
                                  &record->oldest_lsn,
                                  &record->last_segment,
                                  &record->in_flight_max_bytes,
                                  &record->checkpoint_lsn,
                                  &record->sequence,
                                  &record->segment_bytes,
                                  &record->created_at_ms};
      for (uint64_t n = 1 + random() % 3; n > 0; n--) {
        const uint64_t value = odd[random() % std::size(odd)];
        const uint64_t which = random() % (std::size(fields) + 2);
        if (which < std::size(fields)) *fields[which] = value;
        if (which == std::size(fields)) record->block_bytes = static_cast<uint32_t>(value);
        if (which > std::size(fields)) record->incarnation = static_cast<uint32_t>(value);
      }
    });
    std::unique_ptr<LogSurvey> survey;
    ASSERT_OK(LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey));
    const LogSurveyFindings& findings = survey->findings();
    EXPECT_TRUE(findings.missing_segments.size() <= 10'000);
    EXPECT_TRUE(findings.master.checkpoint_lsn <= layout::lsn_max || !findings.has_master);
    RecoveryReport report;
    if (!survey->FindEnd(&report).ok()) refused += 1;
    const Lsn from = std::min(findings.oldest_lsn, findings.files_end_lsn);
    EXPECT_TRUE(ScanFrom(*survey, AlignUp(from, 8)).good.size() <= lsns.size());
  }
  EXPECT_TRUE(refused > 500 && refused < 3000);
}

TEST(LogSurvey, MillionsOfSegmentsMissing_TheFirstAreListed) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  ForgeMaster(disk.get(), [](layout::MasterRecord* record) {
    record->last_segment = layout::lsn_max / kPayloadBytes;
  });
  const auto survey = Survey(disk);
  EXPECT_TRUE(survey->findings().has_master);
  EXPECT_EQ(survey->findings().missing_segments.size(), size_t{10'000});
}

TEST(LogSurvey, ASegmentFileBeyondAllLsns_IsNobodys) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  const Lsn files_end = Survey(disk)->findings().files_end_lsn;
  for (const char* name : {"09007199254740991", "00146601550381", "99999999999999999"}) {
    const std::string path = std::string("/log/wal/") + std::string(20 - strlen(name), '0') + name;
    disk->CopyFile(PathOf(0), path + ".wal");
  }
  EXPECT_EQ(Survey(disk)->findings().files_end_lsn, files_end);
  EXPECT_EQ(Scan(*Survey(disk)).good.size(), lsns.size());
  disk->RemoveFile(kMaster);
  EXPECT_EQ(Scan(*Survey(disk)).good.size(), lsns.size());
}

TEST(LogSurvey, ALogBehindAMasterRecordThatNeverHadOne_RefusedAsAnOpenDoes) {
  std::vector<Lsn> lsns;
  auto disk = LongLog(&lsns);
  ForgeMaster(disk.get(), [](layout::MasterRecord* record) {
    record->incarnation = 0;
    record->promise_lsn = record->oldest_lsn = record->incarnation_start_lsn = 0;
  });
  RecoveryReport report;
  EXPECT_TRUE(Survey(disk)->FindEnd(&report).code() == Code::kLogMismatch);
  TestLog opened(disk);
  EXPECT_TRUE(opened.status().code() == Code::kLogMismatch);
}

TEST(LogSurvey, ALogThatIsBeingWritten_NothingIsTakenForDamage) {
  auto disk = std::make_shared<SimulatedDisk>();
  TestLogOptions options;
  options.starts_threads = true;
  TestLog log(disk, options);
  ASSERT_OK(log.status());
  std::atomic<bool> done{false};
  uint64_t looks = 0;
  std::thread looking([&] {
    Lsn end = 0;
    while (!done.load() || looks < 20) {
      std::unique_ptr<LogSurvey> survey;
      EXPECT_OK(LogSurvey::Open(NewSimulatedStorage(disk), kDirectory, &survey));
      RecoveryReport report;
      EXPECT_OK(survey->FindEnd(&report));
      EXPECT_TRUE(report.end_lsn >= end);
      end = report.end_lsn;
      looks += 1;
    }
  });
  for (size_t i = 0; i < 3000; i++) {
    log.Append(BodyOf(i, 400));
    if (i % 3 == 0) EXPECT_OK(log.Flush());
  }
  EXPECT_OK(log.Flush());
  done.store(true);
  looking.join();
  EXPECT_OK(log.Close());
}

}  // namespace

}  // namespace seawall::test

// Goal: whatever stands in a data file and its copies, each page is judged by itself, and nothing
// is read that is not there. Method: a page store on a SimulatedDisk, random bytes from a printed
// seed.
#include "page/page_survey.h"

#include <random>

#include "support/test_page_store.h"

namespace seawall::test {

namespace {

TEST(PageSurvey, GarbageInPagesAndTheirCopies_JudgedPageByPage) {
  const uint64_t seed = Seed(111);
  std::mt19937_64 random(seed);
  auto pristine = std::make_shared<SimulatedDisk>();
  {
    TestStore store(pristine);
    ASSERT_OK(store.WritePages(12, 10, 'a'));
  }
  int damaged = 0;
  for (int round = 0; round < 400; round++) {
    auto disk = pristine->PowerCut(Survival::kNothing, 1);
    for (uint64_t n = random() % 6; n > 0; n--) {
      std::vector<uint8_t> garbage(1 + random() % 64);
      for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(random());
      const char* const path = random() % 2 == 0 ? kDataPath : kDoublewritePath;
      disk->Overwrite(path, random() % (12 * kPageBytes), garbage);
    }
    const auto storage = NewSimulatedStorage(disk);
    std::unique_ptr<PageSurvey> pages;
    if (!PageSurvey::Open(storage.get(), kStoreDirectory, kLogId, &pages).ok()) continue;
    EXPECT_TRUE(pages->copies().size() <= 12);
    std::vector<PageSurveyRow> rows;
    EXPECT_OK(pages->Examine(1, static_cast<uint32_t>(pages->file().pages() - 1), &rows));
    EXPECT_EQ(rows.size(), pages->file().pages() - 1);
    for (const PageSurveyRow& row : rows) {
      if (row.finding != PageFinding::kValid) damaged += 1;
      AlignedBuffer page;
      EXPECT_OK(pages->Read(row.page_id, &page));
    }
  }
  EXPECT_TRUE(damaged > 100);
}

}  // namespace

}  // namespace seawall::test

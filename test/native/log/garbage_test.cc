// Goal: files full of garbage never crash the log and never make it show a record that was not
// appended (H46). Method: random bytes over random places of a good log, from a printed seed.
#include <random>

#include "support/test_log.h"
#include "support/test_main.h"

namespace seawall::test {

namespace {

using Strings = std::vector<std::string>;

constexpr const char* kMaster = "/log/master";

TEST(Garbage, H46GarbageInAnyFileNeverCrashesAndNeverInventsRecords) {
  const uint64_t seed = Seed(424242);
  std::mt19937_64 random(seed);
  std::vector<Lsn> lsns;
  auto disk = DiskWithCommits(20, 700, &lsns);
  Strings whole;
  for (int i = 0; i < 20; i++) whole.push_back(Repeated(static_cast<char>('a' + i), 700));
  for (int round = 0; round < 600; round++) {
    auto image = disk->PowerCut(Survival::kNothing, 1);
    const std::string path = round % 3 == 0 ? kMaster : PathOf(0);
    for (uint64_t n = 1 + random() % 4; n > 0; n--) {
      std::vector<uint8_t> garbage(1 + random() % 64);
      for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(random());
      image->Overwrite(path, random() % 18000, garbage);
    }
    TestLog again(image);
    if (!again.status().ok()) continue;
    Strings bodies;
    Status status = again.ReadAll(&bodies);
    EXPECT_TRUE(bodies.size() <= whole.size());
    for (size_t i = 0; i < bodies.size(); i++) EXPECT_TRUE(bodies[i] == whole[i]);
    // Cut short in silence only at the very last record.
    if (status.ok()) EXPECT_TRUE(bodies.size() >= whole.size() - 1);
  }
}

}  // namespace

}  // namespace seawall::test

#include "support/test_main.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace seawall::test {

namespace {

struct Test {
  std::string name;
  TestFunction function;
};

std::vector<Test>& Tests() {
  static std::vector<Test> tests;
  return tests;
}

int failures_in_test = 0;
std::string skip_reason;
uint64_t seed_in_test = 0;

}  // namespace

Registration::Registration(const char* suite, const char* name, TestFunction function) {
  Tests().push_back({std::string(suite) + "." + name, function});
}

void Fail(const char* file, int line, const std::string& message) {
  failures_in_test += 1;
  // A broken loop should not print a million lines.
  if (failures_in_test <= 10) std::printf("  %s:%d: %s\n", file, line, message.c_str());
}

void Skip(const std::string& reason) { skip_reason = reason; }

uint64_t Seed(uint64_t fallback) {
  const char* given = std::getenv("SEAWALL_SEED");
  seed_in_test = given != nullptr ? std::strtoull(given, nullptr, 10) : fallback;
  return seed_in_test;
}

int RunAll(const char* filter) {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  for (const Test& test : Tests()) {
    if (test.name.find(filter) == std::string::npos) continue;
    failures_in_test = 0;
    skip_reason.clear();
    seed_in_test = 0;
    // Printed before it runs, so that a crash names its test.
    std::printf("%s\n", test.name.c_str());
    std::fflush(stdout);
    test.function();
    if (failures_in_test > 0) {
      failed += 1;
      std::printf("FAIL %s", test.name.c_str());
      if (seed_in_test != 0)
        std::printf(" (SEAWALL_SEED=%llu)", static_cast<unsigned long long>(seed_in_test));
      std::printf("\n");
    } else if (!skip_reason.empty()) {
      skipped += 1;
      std::printf("  skipped: %s\n", skip_reason.c_str());
    } else {
      passed += 1;
    }
  }
  std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace seawall::test

int main(int argc, char** argv) { return seawall::test::RunAll(argc > 1 ? argv[1] : ""); }

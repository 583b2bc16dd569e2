// A test framework in one page: TEST(Suite, Name) { ... }, EXPECT_*, ASSERT_*, SKIP(reason).
#pragma once

#include <sstream>
#include <string>
#include <type_traits>

#include "base/status.h"

namespace seawall::test {

using TestFunction = void (*)();
struct Registration {
  Registration(const char* suite, const char* name, TestFunction function);
};

void Fail(const char* file, int line, const std::string& message);
void Skip(const std::string& reason);
// A seed for random tests: SEAWALL_SEED if set, otherwise `fallback`; printed when the test fails.
uint64_t Seed(uint64_t fallback);

template <typename T>
std::string Show(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::is_same_v<T, Status>) {
    return value.ToString();
  } else {
    std::ostringstream out;
    out << value;
    return out.str();
  }
}

}  // namespace seawall::test

#define TEST(suite, name)                                                                   \
  static void suite##_##name();                                                             \
  static const ::seawall::test::Registration suite##_##name##_registration(#suite, #name,   \
                                                                           suite##_##name); \
  static void suite##_##name()

#define EXPECT_TRUE(condition)                                                            \
  do {                                                                                    \
    if (!(condition)) ::seawall::test::Fail(__FILE__, __LINE__, "not true: " #condition); \
  } while (false)
#define EXPECT_EQ(actual, expected)                                                                \
  do {                                                                                             \
    const auto actual_value = (actual);                                                            \
    const auto expected_value = (expected);                                                        \
    if (!(actual_value == expected_value))                                                         \
      ::seawall::test::Fail(__FILE__, __LINE__,                                                    \
                            #actual " is " + ::seawall::test::Show(actual_value) + ", expected " + \
                                ::seawall::test::Show(expected_value));                            \
  } while (false)
#define EXPECT_OK(expression)                                                                   \
  do {                                                                                          \
    const ::seawall::Status status_value = (expression);                                        \
    if (!status_value.ok()) ::seawall::test::Fail(__FILE__, __LINE__, status_value.ToString()); \
  } while (false)
#define ASSERT_OK(expression)                                             \
  do {                                                                    \
    const ::seawall::Status status_value = (expression);                  \
    if (!status_value.ok()) {                                             \
      ::seawall::test::Fail(__FILE__, __LINE__, status_value.ToString()); \
      return;                                                             \
    }                                                                     \
  } while (false)
#define ASSERT_TRUE(condition)                                            \
  do {                                                                    \
    if (!(condition)) {                                                   \
      ::seawall::test::Fail(__FILE__, __LINE__, "not true: " #condition); \
      return;                                                             \
    }                                                                     \
  } while (false)
#define SKIP(reason)               \
  do {                             \
    ::seawall::test::Skip(reason); \
    return;                        \
  } while (false)

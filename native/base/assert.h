// SEAWALL_ASSERT: a programming error stops the process before it can damage a log. Always on.
#pragma once

namespace seawall {

[[noreturn]] void AssertFailed(const char* expression, const char* file, int line);

}  // namespace seawall

#define SEAWALL_ASSERT(expression)                    \
  (__builtin_expect(static_cast<bool>(expression), 1) \
       ? static_cast<void>(0)                         \
       : ::seawall::AssertFailed(#expression, __FILE__, __LINE__))

// Prints what layout.def and status_codes.def define, for scripts/generate.mjs:
//   layout_print ts | md | codes-ts | codes-md
#include <cctype>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "format/layout.h"

namespace seawall::layout {

namespace {

struct Constant {
  const char* name;
  unsigned long long value;
  const char* meaning;
};

struct Field {
  const char* type;
  const char* name;
  size_t bytes;
  size_t offset;
  const char* meaning;
  const char* invariant;
};

struct Struct {
  const char* name;
  size_t bytes;
  const char* what;
  std::vector<Field> fields;
};

const std::vector<Constant>& Constants() {
  static const std::vector<Constant> constants = {
#define SEAWALL_CONSTANT(name, value, meaning) {#name, value, meaning},
#define SEAWALL_STRUCT(name, bytes, what)
#define SEAWALL_FIELD(type, name, meaning, invariant)
#define SEAWALL_END(name, bytes)
#include "format/layout.def"
#undef SEAWALL_CONSTANT
#undef SEAWALL_STRUCT
#undef SEAWALL_FIELD
#undef SEAWALL_END
  };
  return constants;
}

const std::vector<Struct>& Structs() {
  static std::vector<Struct> structs;
  if (!structs.empty()) return structs;
#define SEAWALL_CONSTANT(name, value, meaning)
#define SEAWALL_STRUCT(name, bytes, what) \
  {                                       \
    using Current = name;                 \
    structs.push_back({#name, bytes, what, {}});
#define SEAWALL_FIELD(type, name, meaning, invariant) \
  structs.back().fields.push_back(                    \
      {#type, #name, sizeof(type), offsetof(Current, name), meaning, invariant});
#define SEAWALL_END(name, bytes) }
#include "format/layout.def"
#undef SEAWALL_CONSTANT
#undef SEAWALL_STRUCT
#undef SEAWALL_FIELD
#undef SEAWALL_END
  return structs;
}

struct CodeEntry {
  const char* enumerator;
  const char* code;
  const char* what;
  const char* remedy;
};

const std::vector<CodeEntry>& Codes() {
  static const std::vector<CodeEntry> codes = {
#define SEAWALL_CODE(enumerator, code, what, remedy) {#enumerator, code, what, remedy},
#include "base/status_codes.def"
#undef SEAWALL_CODE
  };
  return codes;
}

// promise_lsn -> promiseLSN, log_id -> logId: the spelling of lib/.
std::string CamelCase(const std::string& snake) {
  std::string camel;
  bool upper = false;
  for (char c : snake) {
    if (c == '_') {
      upper = true;
    } else {
      camel += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      upper = false;
    }
  }
  const size_t at = camel.rfind("Lsn");
  if (at != std::string::npos && at + 3 == camel.size()) camel.replace(at, 3, "LSN");
  return camel;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

void PrintTypeScript() {
  std::printf("// GENERATED from native/format/layout.def by scripts/generate.mjs. Do not edit.\n");
  for (const Constant& constant : Constants()) {
    // The magics are 64 bits wide and of no use outside the core.
    if (std::strstr(constant.name, "magic") != nullptr) continue;
    std::printf("\n/** %s */\nexport const %s = %llu\n", constant.meaning,
                CamelCase(constant.name).c_str(), constant.value);
  }
  for (const Struct& s : Structs()) {
    std::printf("\n/** %s: offsets in bytes */\nexport const %c%s = {\n  bytes: %zu,\n", s.what,
                std::tolower(static_cast<unsigned char>(s.name[0])), s.name + 1, s.bytes);
    for (const Field& field : s.fields) {
      std::printf("  /** %s: %s */\n  %s: %zu,\n", field.type, field.meaning,
                  CamelCase(field.name).c_str(), field.offset);
    }
    std::printf("} as const\n");
  }
}

void PrintMarkdown() {
  for (const Struct& s : Structs()) {
    std::printf(
        "### %s (%zu bytes)\n\n%s.\n\n| offset | type | field | meaning | invariant "
        "|\n|---|---|---|---|---|\n",
        s.name, s.bytes, s.what);
    for (const Field& field : s.fields) {
      std::printf("| %zu | %s | `%s` | %s | %s |\n", field.offset, field.type, field.name,
                  field.meaning, field.invariant);
    }
    std::printf("\n");
  }
  std::printf("### Constants\n\n| name | value | meaning |\n|---|---|---|\n");
  for (const Constant& constant : Constants()) {
    std::printf("| `%s` | %llu | %s |\n", constant.name, constant.value, constant.meaning);
  }
}

void PrintCodesTypeScript() {
  std::printf(
      "// GENERATED from native/base/status_codes.def by scripts/generate.mjs. Do not edit.\n\n");
  std::printf("/** What happened and what to do, by code. */\nexport const errorCodes = {\n");
  for (const CodeEntry& entry : Codes()) {
    std::printf("  %s: {\n    what: %s,\n    remedy: %s,\n  },\n", entry.code,
                Quoted(entry.what).c_str(), Quoted(entry.remedy).c_str());
  }
  std::printf(
      "} as const\n\n/** What kind of failure it is: a name that never changes its meaning. */\n"
      "export type ErrorCode = keyof typeof errorCodes\n");
}

void PrintCodesMarkdown() {
  std::printf("| code | what happened | what to do |\n|---|---|---|\n");
  for (const CodeEntry& entry : Codes())
    std::printf("| `%s` | %s | %s |\n", entry.code, entry.what, entry.remedy);
}

}  // namespace

}  // namespace seawall::layout

int main(int argc, char** argv) {
  using namespace seawall::layout;
  const std::string what = argc == 2 ? argv[1] : "";
  if (what == "ts") {
    PrintTypeScript();
  } else if (what == "md") {
    PrintMarkdown();
  } else if (what == "codes-ts") {
    PrintCodesTypeScript();
  } else if (what == "codes-md") {
    PrintCodesMarkdown();
  } else {
    std::fprintf(stderr, "usage: layout_print ts | md | codes-ts | codes-md\n");
    return 2;
  }
  return 0;
}

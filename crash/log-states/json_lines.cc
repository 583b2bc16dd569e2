#include "json_lines.h"

#include <cstdio>
#include <cstdlib>

namespace seawall::crash {

namespace {

// Where the value of `key` begins; npos when there is none.
size_t ValueOf(const std::string& json, const char* key) {
  std::string quoted;
  quoted.append(1, '"').append(key).append(1, '"');
  const size_t at = json.find(quoted);
  if (at == std::string::npos) return at;
  const size_t colon = json.find(':', at + quoted.size());
  return colon == std::string::npos ? colon : colon + 1;
}

}  // namespace

void JsonLine::Key(const char* key) {
  if (text_.size() > 1) text_ += ',';
  text_ += '"';
  text_ += key;
  text_ += "\":";
}

JsonLine& JsonLine::Text(const char* key, const std::string& value) {
  Key(key);
  text_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c == '\n' ? ' ' : c;
  }
  text_ += '"';
  return *this;
}

JsonLine& JsonLine::Number(const char* key, double value) {
  Key(key);
  char digits[40];
  std::snprintf(digits, sizeof(digits), "%.15g", value);
  text_ += digits;
  return *this;
}

JsonLine& JsonLine::List(const char* key, const Trail& values) {
  Key(key);
  text_ += '[';
  for (size_t i = 0; i < values.size(); i++) {
    if (i > 0) text_ += ',';
    text_ += std::to_string(values[i]);
  }
  text_ += ']';
  return *this;
}

void JsonLine::Print() {
  std::printf("%s}\n", text_.c_str());
  std::fflush(stdout);
}

bool FindNumber(const std::string& json, const char* key, double* value) {
  const size_t at = ValueOf(json, key);
  if (at == std::string::npos) return false;
  *value = std::strtod(json.c_str() + at, nullptr);
  return true;
}

bool FindList(const std::string& json, const char* key, Trail* values) {
  const size_t at = ValueOf(json, key);
  if (at == std::string::npos) return false;
  const char* next = json.c_str() + at;
  while (*next == ' ') next++;
  if (*next++ != '[') return false;
  values->clear();
  while (true) {
    char* end = nullptr;
    const unsigned long value = std::strtoul(next, &end, 10);
    if (end == next) return true;
    values->push_back(static_cast<uint32_t>(value));
    next = end;
    while (*next == ',' || *next == ' ') next++;
  }
}

}  // namespace seawall::crash

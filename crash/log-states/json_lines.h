// What crash_log says and is told: one JSON object a line.
#pragma once

#include <string>

#include "explorer.h"

namespace seawall::crash {

// {"key":number} and so on, in order.
class JsonLine {
 public:
  explicit JsonLine(const char* type) { Text("type", type); }
  JsonLine& Text(const char* key, const std::string& value);
  JsonLine& Number(const char* key, double value);
  JsonLine& List(const char* key, const Trail& values);
  // To standard output, at once.
  void Print();

 private:
  void Key(const char* key);
  std::string text_ = "{";
};

// From {"setup":1,"lying":0,"choices":[1,2]}, wherever in `json` these keys are. False when one is
// missing.
bool FindNumber(const std::string& json, const char* key, double* value);
bool FindList(const std::string& json, const char* key, Trail* values);

}  // namespace seawall::crash

#include "device/faults.h"

namespace seawall::simulation {

namespace {

bool Matches(const Fault& fault, Operation operation, const std::string& path,
             bool is_durable_write) {
  const bool lies = fault.operation == Operation::kSync &&
                    (fault.effect == FaultEffect::kLose || fault.effect == FaultEffect::kSyncLate);
  if (operation != fault.operation && !(lies && is_durable_write)) return false;
  return path.find(fault.path_part) != std::string::npos;
}

}  // namespace

const Fault* FaultList::Hit(Operation operation, const std::string& path, bool is_durable_write) {
  for (Rule& rule : rules_) {
    if (!Matches(rule.fault, operation, path, is_durable_write)) continue;
    rule.seen += 1;
    if (rule.seen <= rule.fault.skip || rule.used >= rule.fault.times) continue;
    if ((rule.seen - rule.fault.skip - 1) % rule.fault.every != 0) continue;
    rule.used += 1;
    hits_ += 1;
    return &rule.fault;
  }
  return nullptr;
}

}  // namespace seawall::simulation

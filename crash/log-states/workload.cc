#include "workload.h"

namespace seawall::crash {

uint64_t WorkloadCount(uint32_t steps) {
  uint64_t count = 1;
  for (uint32_t i = 0; i < steps; i++) count *= kStepKinds;
  return count;
}

Workload WorkloadAt(uint32_t steps, uint64_t index) {
  Workload workload(steps);
  for (uint32_t i = steps; i-- > 0; index /= kStepKinds)
    workload[i] = static_cast<Step>(index % kStepKinds);
  return workload;
}

}  // namespace seawall::crash

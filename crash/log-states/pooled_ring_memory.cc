// RingMemory for programs that open a log a million times a minute: mappings are kept and used
// again. Replaces native/io/ring_memory.cc at link time.
#include <sys/mman.h>

#include <cstring>
#include <vector>

#include "base/assert.h"
#include "io/ring_memory.h"

namespace seawall {

namespace {

struct Mapping {
  uint8_t* data;
  size_t bytes;
};

std::vector<Mapping>& Pool() {
  static auto* const pool = new std::vector<Mapping>();
  return *pool;
}

uint8_t* Map(size_t bytes) {
  void* data = mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SEAWALL_ASSERT(data != MAP_FAILED);
  return static_cast<uint8_t*>(data);
}

}  // namespace

Status RingMemory::New(size_t bytes, std::shared_ptr<RingMemory>* ring) {
  for (size_t i = 0; i < Pool().size(); i++) {
    if (Pool()[i].bytes != bytes) continue;
    uint8_t* const data = Pool()[i].data;
    Pool()[i] = Pool().back();
    Pool().pop_back();
    std::memset(data, 0, 2 * bytes);
    ring->reset(new RingMemory(data, bytes));
    return Status::Ok();
  }
  ring->reset(new RingMemory(Map(bytes), bytes));
  return Status::Ok();
}

RingMemory::~RingMemory() { Pool().push_back({data_, bytes_}); }

}  // namespace seawall

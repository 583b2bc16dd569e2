// IoQueue on io_uring. Without liburing at build time, or where the kernel refuses, NewUringQueue
// and ProbeIoUring say so.
#pragma once

#include <memory>

#include "io/storage.h"

namespace seawall {

// Ok when a ring can be set up in this process right now; otherwise kIoUringUnavailable and why.
Status ProbeIoUring();

// True when this build contains the backend.
bool HasIoUring();

Status NewUringQueue(uint32_t capacity, std::unique_ptr<IoQueue>* queue);

// Any thread may make it; see PollableQueue for who may use it. Null where the kernel cannot
// (before 6.1).
std::unique_ptr<PollableQueue> NewPollableUringQueue(uint32_t capacity);

}  // namespace seawall

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

}  // namespace seawall

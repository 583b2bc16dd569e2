// What pages must know of the log: how far it is durable, and how to wait until it is.
#pragma once

#include <functional>

#include "base/status.h"
#include "format/lsn.h"

namespace seawall {

struct LogHorizon {
  std::function<Lsn()> flushed_lsn;
  // Blocks until lsn < flushed LSN. An error when that will never be: the log is poisoned or
  // closed, or nothing was appended at `lsn`.
  std::function<Status(Lsn lsn)> wait_flushed;
};

}  // namespace seawall

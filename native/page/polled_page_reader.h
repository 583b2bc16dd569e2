// PolledPageReader: reads pages on the thread that asks for them, which has an event loop. No other
// thread has to be woken for a read, nor to wake that one.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "page/page_read.h"

namespace seawall {

class PolledPageReader {
 public:
  // Most results of one Take. Small, so that the drive has the next reads of those who got these
  // while the rest are being looked at: handed over all at once, drive and reader take turns.
  static constexpr size_t kResultsMax = 4;

  PolledPageReader(PageSource source, std::unique_ptr<PollableQueue> queue);

  // Readable as long as Take may find something.
  int descriptor() const { return queue_->descriptor(); }
  // Begins the reads, or keeps them until others are done. Nobody touches a frame until its result
  // is there. `results` gets those that nothing has to be read for.
  void Add(const PageRead* reads, size_t count, std::vector<PageReadResult>* results);
  // Adds reads that are done to `results`. Does not wait.
  void Take(std::vector<PageReadResult>* results);

 private:
  void SubmitPending(std::vector<PageReadResult>* results);

  const PageSource source_;
  std::vector<PageRead> in_flight_;  // by tag
  std::vector<uint32_t> free_tags_;
  std::deque<PageRead> pending_;
  // Last, so that it goes first: it waits for what is in flight.
  const std::unique_ptr<PollableQueue> queue_;
};

}  // namespace seawall

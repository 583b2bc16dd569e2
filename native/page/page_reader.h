// PageReader: reads pages into frames, many in flight, and verifies each on arrival.
//
// A thread that waits for completions cannot take on new reads, so there are several lanes, each a
// thread with a queue of its own: whichever is free takes what has come in.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "io/storage.h"
#include "io/wake_signal.h"
#include "page/page_read.h"

namespace seawall {

class PageReader {
 public:
  // The sink is called on the lanes' threads.
  PageReader(PageSource source, std::vector<std::unique_ptr<IoQueue>> queues, PageReadSink sink);
  // Reads in flight are waited for; reads that did not begin have no result.
  ~PageReader();

  void Start();
  // Any thread. Nobody touches the frame until its result is there.
  void Add(const PageRead* reads, size_t count);
  // Without Start: whether there is something to do, and one turn of the first lane.
  bool HasWork() const;
  bool RunOnce() { return Turn(lanes_.front().get()); }

 private:
  // What one thread has in flight. Used by that thread only, but for the last two.
  struct Lane {
    std::unique_ptr<IoQueue> queue;
    std::vector<PageRead> in_flight;  // by tag
    std::vector<uint32_t> free_tags;
    std::thread thread;
    WakeSignal signal;
    bool is_asleep = false;  // guarded by mutex_ of the reader

    bool is_idle() const { return free_tags.size() == in_flight.size(); }
  };

  void Loop(Lane* lane);
  bool Turn(Lane* lane);
  void SubmitPending(Lane* lane, std::vector<PageReadResult>* results);
  void TakeCompletions(Lane* lane, std::vector<PageReadResult>* results);

  const PageSource source_;
  const PageReadSink sink_;

  mutable std::mutex mutex_;
  std::deque<PageRead> pending_;  // guarded by mutex_
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace seawall

// LogHandle: one open log of one JavaScript environment, and everything that must go down with it
// in the right order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include <napi.h>

#include "log/log.h"
#include "napi/completion_poll.h"
#include "napi/event_channel.h"
#include "napi/job_thread.h"
#include "page/page_store.h"

namespace seawall::napi {

// The first argument of the event callback: a LogEvent, or this one with phase, done and total.
inline constexpr uint32_t kProgressEvent = 3;
// ... or this one with a Float64Array of page reads that are done (page_binding.cc).
inline constexpr uint32_t kPagesReadEvent = 4;
static_assert(static_cast<uint32_t>(LogEvent::kPoisoned) < kProgressEvent);

class LogHandle : public std::enable_shared_from_this<LogHandle> {
 public:
  LogHandle(Napi::Env env, uint32_t id, Napi::Function on_event);
  ~LogHandle();

  uint32_t id() const { return id_; }
  // Null until the open job is done. Set on the job thread, read on the JavaScript thread after its
  // completion.
  Log* log() const { return log_.get(); }
  std::unique_ptr<Log>& log_slot() { return log_; }
  EventChannel& channel() { return channel_; }

  // Runs `work` on the job thread, then `done` on the JavaScript thread, which stays alive for it.
  // `done` gets `callback` back: references to JavaScript values stay on their thread, so neither
  // function may capture one.
  using Done = std::function<void(Napi::Env env, const Napi::Function& callback)>;
  void RunJob(const Napi::Function& callback, std::function<void()> work, Done done);
  // Reports how far an open has come; job thread.
  void PostProgress(OpenPhase phase, uint64_t done, uint64_t total);

  // The sink for Log::Open; runs on the log's threads.
  LogEventSink EventSink();
  // The sink for PageStore::Open; runs on the page reader's thread.
  PageReadSink PagesReadSink();
  // Takes up the store's polled reads, if it has them. JavaScript thread, once, before the first
  // read.
  void StartPolledReads(Napi::Env env);
  // Begins the reads. The event loop stays alive until they have been delivered.
  void ReadPages(const PageRead* reads, size_t count);
  // Asks for the flushed event and keeps the event loop alive until it has been delivered to
  // everyone who waits.
  void AwaitFlushed();

  // From now on small commits go to the drive without another thread, where the log's storage can
  // do that. JavaScript thread, once the log is open.
  void PollLog(Napi::Env env);
  // What is in flight comes in, and nothing is polled any more. Before the log is closed, and
  // before this thread waits for one that may wait for the log.
  void StopPollingLog();

  // Null until pages are opened. Set on the job thread, read on the JavaScript thread after its
  // completion.
  std::unique_ptr<PageStore>& pages() { return pages_; }
  // Like RunJob, on the thread that writes pages: a write that waits for the drive does not hold up
  // reads of the log.
  void RunPageJob(const Napi::Function& callback, std::function<void()> work, Done done);

  // Before ClosePages. Reads under way are never delivered. JavaScript thread.
  void StopPolledReads();
  // Waits for the page writes under way, then lets the pages go. Job thread.
  void ClosePages() {
    page_jobs_.WaitIdle();
    pages_.reset();
  }

  // Job thread only.
  std::map<uint32_t, std::unique_ptr<LogReader>>& readers() { return readers_; }
  uint32_t NextReaderId() { return next_reader_id_++; }

  // Stops every thread; nothing reaches JavaScript afterwards. Commits that are not durable yet
  // stay unacknowledged. JavaScript thread, or the environment's clean-up. Idempotent.
  void ShutDown();

 private:
  void RunJobOn(JobThread* thread, const Napi::Function& callback, std::function<void()> work,
                Done done);
  void Deliver(Napi::Env env, LogEvent event, uint64_t value);
  void HoldForPages(bool hold);
  void TakePolledReads(Napi::Env env);
  // The event and its table; empty when no JavaScript runs here any more.
  std::vector<napi_value> PagesReadEvent(Napi::Env env, const std::vector<PageReadResult>& results);
  void DeliverFlushed(Napi::Env env);
  void FinishJob(Napi::Env env, uint32_t job, const Done& done);

  const uint32_t id_;
  // Declared so that destruction goes: reader, pages, log, jobs, channel.
  EventChannel channel_;
  JobThread jobs_;
  JobThread page_jobs_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<PageStore> pages_;
  std::map<uint32_t, std::unique_ptr<LogReader>> readers_;
  uint32_t next_reader_id_ = 1;
  Napi::FunctionReference on_event_;                       // JavaScript thread
  std::map<uint32_t, Napi::FunctionReference> callbacks_;  // of jobs, by number; JavaScript thread
  uint32_t next_job_ = 1;                                  // JavaScript thread
  std::unique_ptr<CompletionPoll> page_poll_;              // JavaScript thread
  std::unique_ptr<CompletionPoll> log_poll_;               // JavaScript thread
  bool reads_are_polled_ = false;                          // JavaScript thread
  bool flushed_is_held_ = false;                           // JavaScript thread
  size_t pages_awaited_ = 0;                               // JavaScript thread
  bool shut_down_ = false;                                 // JavaScript thread
};

}  // namespace seawall::napi

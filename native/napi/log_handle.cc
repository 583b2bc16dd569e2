#include "napi/log_handle.h"

#include <algorithm>

namespace seawall::napi {

namespace {

// Callbacks of one turn of the event loop, so that its other work is not held up for ever.
constexpr int kPolledTurnsMax = 16;

}  // namespace

LogHandle::LogHandle(Napi::Env env, uint32_t id, Napi::Function on_event)
    : id_(id), channel_(env), on_event_(Napi::Persistent(on_event)) {}

LogHandle::~LogHandle() { ShutDown(); }

void LogHandle::RunJob(const Napi::Function& callback, std::function<void()> work, Done done) {
  RunJobOn(&jobs_, callback, std::move(work), std::move(done));
}

void LogHandle::RunPageJob(const Napi::Function& callback, std::function<void()> work, Done done) {
  RunJobOn(&page_jobs_, callback, std::move(work), std::move(done));
}

void LogHandle::RunJobOn(JobThread* thread, const Napi::Function& callback,
                         std::function<void()> work, Done done) {
  const uint32_t job = next_job_++;
  callbacks_[job] = Napi::Persistent(callback);
  channel_.Hold();
  thread->Add([this, job, work = std::move(work), done = std::move(done)] {
    work();
    channel_.Post([self = weak_from_this(), job, done](Napi::Env env) {
      const std::shared_ptr<LogHandle> handle = self.lock();
      if (handle != nullptr && !handle->shut_down_) handle->FinishJob(env, job, done);
    });
  });
}

void LogHandle::FinishJob(Napi::Env env, uint32_t job, const Done& done) {
  channel_.Unhold();
  const Napi::Function callback = callbacks_[job].Value();
  callbacks_.erase(job);
  done(env, callback);
}

void LogHandle::PostProgress(OpenPhase phase, uint64_t done, uint64_t total) {
  channel_.Post([self = weak_from_this(), phase, done, total](Napi::Env env) {
    const std::shared_ptr<LogHandle> handle = self.lock();
    if (handle == nullptr || handle->shut_down_) return;
    const auto number = [env](uint64_t value) {
      return Napi::Number::New(env, static_cast<double>(value));
    };
    handle->on_event_.Call({number(kProgressEvent), number(static_cast<uint64_t>(phase)),
                            number(done), number(total)});
  });
}

LogEventSink LogHandle::EventSink() {
  return [this](LogEvent event, uint64_t value) {
    channel_.Post([self = weak_from_this(), event, value](Napi::Env env) {
      const std::shared_ptr<LogHandle> handle = self.lock();
      if (handle != nullptr && !handle->shut_down_) handle->Deliver(env, event, value);
    });
  };
}

PageReadSink LogHandle::PagesReadSink() {
  return [this](const std::vector<PageReadResult>& results) {
    channel_.Post([self = weak_from_this(), results](Napi::Env env) {
      const std::shared_ptr<LogHandle> handle = self.lock();
      if (handle == nullptr || handle->shut_down_) return;
      const std::vector<napi_value> page_event = handle->PagesReadEvent(env, results);
      if (!page_event.empty()) handle->on_event_.Call(page_event);
    });
  };
}

void LogHandle::StartPolledReads(Napi::Env env) {
  PolledPageReader* const reader = pages_->polled_reader();
  if (reader == nullptr) return;
  reads_are_polled_ = true;
  page_poll_ = std::make_unique<CompletionPoll>(env, reader->descriptor(), CallbackScope::kNone,
                                                [self = weak_from_this()](Napi::Env loop_env) {
                                                  const std::shared_ptr<LogHandle> handle =
                                                      self.lock();
                                                  if (handle != nullptr)
                                                    handle->TakePolledReads(loop_env);
                                                });
}

void LogHandle::StopPolledReads() {
  if (page_poll_ == nullptr) return;
  page_poll_.reset();
  pages_->StopPolledReads();
}

void LogHandle::HoldForPages(bool hold) {
  if (reads_are_polled_) {
    if (page_poll_ != nullptr) page_poll_->SetHold(hold);
  } else if (hold) {
    channel_.Hold();
  } else {
    channel_.Unhold();
  }
}

void LogHandle::ReadPages(const PageRead* reads, size_t count) {
  if (pages_awaited_ == 0) HoldForPages(true);
  pages_awaited_ += count;
  std::vector<PageReadResult> at_once;
  pages_->Read(reads, count, &at_once);
  // Never from within the call that asks.
  if (!at_once.empty()) PagesReadSink()(at_once);
}

// Whoever waited for a page asks for the next one before this returns from its callback.
void LogHandle::TakePolledReads(Napi::Env env) {
  std::vector<PageReadResult> results;
  for (int turn = 0; turn < kPolledTurnsMax && page_poll_ != nullptr; turn++) {
    results.clear();
    pages_->polled_reader()->Take(&results);
    if (results.empty()) return;
    const std::vector<napi_value> event = PagesReadEvent(env, results);
    if (event.empty()) return StopPolledReads();
    on_event_.MakeCallback(env.Global(), event);
    ReportException(env);
  }
}

// A table of four numbers a page: frame, outcome, pageLSN, errno.
std::vector<napi_value> LogHandle::PagesReadEvent(Napi::Env env,
                                                  const std::vector<PageReadResult>& results) {
  constexpr size_t kColumns = 4;
  Napi::Float64Array table = Napi::Float64Array::New(env, kColumns * results.size());
  // A worker that was told to end: nothing can be made any more.
  if (table.IsEmpty()) return {};
  for (size_t i = 0; i < results.size(); i++) {
    double* const row = table.Data() + kColumns * i;
    row[0] = results[i].frame;
    row[1] = static_cast<double>(results[i].outcome);
    // What stands in a damaged page may be anything.
    row[2] = static_cast<double>(std::min<uint64_t>(results[i].page_lsn, layout::lsn_max));
    row[3] = results[i].sys_errno;
  }
  SEAWALL_ASSERT(pages_awaited_ >= results.size());
  pages_awaited_ -= results.size();
  if (pages_awaited_ == 0) HoldForPages(false);
  return {Napi::Number::New(env, kPagesReadEvent), table};
}

void LogHandle::PollLog(Napi::Env env) {
  // One batch is in flight at a time.
  constexpr uint32_t kOperations = 1;
  if (log_->ring() == nullptr) return;
  std::unique_ptr<PollableQueue> queue = log_->storage()->NewPollableQueue(kOperations);
  if (queue == nullptr) return;
  const int descriptor = queue->descriptor();
  log_->StartPolling(std::move(queue));
  log_poll_ = std::make_unique<CompletionPoll>(
      env, descriptor, CallbackScope::kOne, [self = weak_from_this()](Napi::Env loop_env) {
        const std::shared_ptr<LogHandle> handle = self.lock();
        if (handle != nullptr && handle->log_->Poll()) handle->DeliverFlushed(loop_env);
      });
}

void LogHandle::StopPollingLog() {
  // Also while the log is being opened, on another thread.
  if (log_poll_ == nullptr) return;
  log_poll_.reset();
  log_->AwaitPolled();
}

void LogHandle::AwaitFlushed() {
  log_->ArmFlushed();
  if (flushed_is_held_) return;
  flushed_is_held_ = true;
  channel_.Hold();
}

void LogHandle::Deliver(Napi::Env env, LogEvent event, uint64_t value) {
  if (event == LogEvent::kFlushed) {
    DeliverFlushed(env);
    return;
  }
  on_event_.Call({Napi::Number::New(env, static_cast<double>(event)),
                  Napi::Number::New(env, static_cast<double>(value))});
  // Whoever waited has been told that the log is poisoned.
  if (event == LogEvent::kPoisoned && flushed_is_held_) {
    flushed_is_held_ = false;
    channel_.Unhold();
  }
}

// The callback settles who can be settled and returns whether others still wait.
void LogHandle::DeliverFlushed(Napi::Env env) {
  while (true) {
    const Lsn flushed = log_->flushed_lsn();
    const Napi::Value more =
        on_event_.Call({Napi::Number::New(env, static_cast<double>(LogEvent::kFlushed)),
                        Napi::Number::New(env, static_cast<double>(flushed))});
    if (shut_down_) return;
    if (more.IsEmpty() || !more.IsBoolean() || !more.As<Napi::Boolean>().Value()) break;
    log_->ArmFlushed();
    if (log_->flushed_lsn() == flushed) return;
  }
  if (!flushed_is_held_) return;
  flushed_is_held_ = false;
  channel_.Unhold();
}

void LogHandle::ShutDown() {
  if (shut_down_) return;
  shut_down_ = true;
  // The gate first: no thread may be about to call into an environment that is going down.
  channel_.Close();
  // Page writes wait for the log, so they end while it still runs, and with nothing of it in the
  // hands of this thread.
  StopPollingLog();
  page_jobs_.Stop();
  jobs_.Stop();
  readers_.clear();
  StopPolledReads();
  pages_.reset();
  log_.reset();
  callbacks_.clear();
  on_event_.Reset();
}

}  // namespace seawall::napi

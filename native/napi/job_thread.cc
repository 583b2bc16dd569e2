#include "napi/job_thread.h"

#include "io/thread_signals.h"

namespace seawall::napi {

void JobThread::Add(Job job) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
    if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
  }
  added_.Notify();
}

void JobThread::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  added_.Notify();
  if (thread_.joinable()) thread_.join();
}

void JobThread::WaitIdle() {
  while (true) {
    const uint32_t epoch = done_.epoch();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!running_ && jobs_.empty()) return;
    }
    done_.Wait(epoch, -1);
  }
}

bool JobThread::TakeNext(Job* job) {
  while (true) {
    const uint32_t epoch = added_.epoch();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return false;
      if (!jobs_.empty()) {
        *job = std::move(jobs_.front());
        jobs_.pop_front();
        running_ = true;
        return true;
      }
    }
    added_.Wait(epoch, -1);
  }
}

void JobThread::Loop() {
  BlockAllSignalsOnThisThread();
  Job job;
  while (TakeNext(&job)) {
    job();
    job = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      running_ = false;
    }
    done_.Notify();
  }
}

}  // namespace seawall::napi

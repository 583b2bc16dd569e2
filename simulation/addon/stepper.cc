#include "stepper.h"

#include <algorithm>

#include "napi/environment.h"

namespace seawall::napi {

Stepper& Stepper::Get() {
  static auto* const stepper = new Stepper();
  return *stepper;
}

Stepper::JobLine* Stepper::LineOf(const void* id) {
  for (JobLine& line : lines_)
    if (line.id == id) return &line;
  return nullptr;
}

void Stepper::AddJob(const void* line, Job job) {
  if (LineOf(line) == nullptr) lines_.push_back({line, {}, false});
  LineOf(line)->jobs.push_back(std::move(job));
}

void Stepper::DropJobs(const void* line) {
  std::erase_if(lines_, [line](const JobLine& known) { return known.id == line; });
}

void Stepper::FinishJobs(const void* line) {
  while (true) {
    const JobLine* const known = LineOf(line);
    if (known == nullptr || (known->jobs.empty() && !known->is_running)) return;
    const bool stepped = StepWithin();
    SEAWALL_ASSERT(stepped && "a job waits for itself");
  }
}

void Stepper::AddEvent(const void* line, Event event) {
  events_.emplace_back(line, std::move(event));
}

std::vector<Stepper::Actor> Stepper::Actors(bool with_events) {
  std::vector<Actor> actors;
  const std::vector<std::shared_ptr<LogHandle>>& handles = Environment::Of(env_)->handles();
  for (size_t id = first_open_; id < handles.size(); id++) {
    const std::shared_ptr<LogHandle>& handle = handles[id];
    if (handle == nullptr || handle->log() == nullptr || handle->log()->ring() == nullptr) continue;
    if (handle->log()->HasWork()) actors.push_back({Kind::kWriter, handle.get(), 0});
    if (background_done_.count(handle.get()) == 0)
      actors.push_back({Kind::kBackground, handle.get(), 0});
    PageStore* const pages = handle->pages().get();
    if (pages != nullptr && pages->reader()->HasWork())
      actors.push_back({Kind::kPageReader, handle.get(), 0});
  }
  for (size_t i = 0; i < lines_.size(); i++) {
    if (!lines_[i].is_running && !lines_[i].jobs.empty())
      actors.push_back({Kind::kJob, nullptr, i});
  }
  if (with_events && !events_.empty()) actors.push_back({Kind::kEvent, nullptr, 0});
  return actors;
}

size_t Stepper::Count(Napi::Env env) {
  env_ = env;
  return Actors(true).size();
}

void Stepper::Step(Napi::Env env, size_t index) {
  env_ = env;
  Run(Actors(true).at(index));
}

bool Stepper::StepWithin() {
  const std::vector<Actor> actors = Actors(false);
  if (actors.empty()) return false;
  Run(actors.front());
  return true;
}

void Stepper::Run(const Actor& actor) {
  if (actor.kind != Kind::kBackground) background_done_.clear();
  Status status;  // a failure has poisoned the log, which tells whoever waits
  switch (actor.kind) {
    case Kind::kWriter:
      status = actor.handle->log()->RunWriterOnce();
      break;
    case Kind::kBackground:
      background_done_.insert(actor.handle);
      status = actor.handle->log()->RunBackgroundOnce();
      break;
    case Kind::kPageReader:
      actor.handle->pages()->reader()->RunOnce();
      break;
    case Kind::kJob:
      RunJob(lines_[actor.line].id);
      break;
    case Kind::kEvent: {
      const Event event = std::move(events_.front().second);
      events_.pop_front();
      event(env_);
      break;
    }
  }
}

void Stepper::RunJob(const void* id) {
  JobLine* line = LineOf(id);
  const Job job = std::move(line->jobs.front());
  line->jobs.pop_front();
  line->is_running = true;
  job();
  // The job may have brought new lines, or ended its own.
  line = LineOf(id);
  if (line != nullptr) line->is_running = false;
}

void Stepper::Abandon(Napi::Env env) {
  env_ = env;
  lines_.clear();
  events_.clear();
  Environment* const environment = Environment::Of(env);
  for (size_t id = first_open_; id < environment->handles().size(); id++) {
    if (environment->handles()[id] != nullptr) environment->Close(env, static_cast<uint32_t>(id));
  }
  first_open_ = environment->handles().size();
  background_done_.clear();
}

}  // namespace seawall::napi

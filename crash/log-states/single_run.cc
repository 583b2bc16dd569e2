#include "single_run.h"

namespace seawall::crash {

namespace {

using simulation::Choices;
using simulation::DiskImage;
using simulation::SimulatedDisk;

struct Moment {
  DiskImage image;
  LogModel model;
};

Verdict RunSteps(LogSession* session, const RunLimits& limits, Choices* choices) {
  for (uint32_t steps = 0; steps < limits.steps; steps++) {
    const uint32_t step = choices->Pick(kStepKinds + 1, "step");
    if (step == 0) break;
    bool changed = false;
    if (Verdict broken = session->Run(static_cast<Step>(step - 1), &changed)) return broken;
  }
  return session->End();
}

}  // namespace

Verdict RunOnce(const Setup& setup, const RunLimits& limits,
                const std::shared_ptr<Choices>& choices, uint64_t* states) {
  std::vector<Moment> moments;
  std::shared_ptr<SimulatedDisk> disk = NewDisk(setup);
  LogModel model;
  for (uint32_t crash = 0; crash <= limits.crashes; crash++) {
    moments.clear();
    {
      LogSession session(disk, setup, model);
      session.at_event = [&] { moments.push_back({session.disk().Snapshot(), session.model()}); };
      disk.reset();
      Verdict broken = session.Open();
      if (!broken && crash > 0) broken = session.Probe();
      if (!broken) broken = RunSteps(&session, limits, choices.get());
      if (broken) return broken;
    }
    const uint32_t event =
        choices->Pick(static_cast<uint32_t>(moments.size()) + 1, "crash after event");
    if (event == 0) return std::nullopt;
    Moment& moment = moments[event - 1];
    model = std::move(moment.model);
    const bool killed = choices->Pick(2, "only the process ends") == 1;
    if (killed) {
      moment.image.KillProcess(setup.device);
      disk = std::make_shared<SimulatedDisk>(std::move(moment.image), setup.device, choices);
    } else {
      moment.image.CutPower(setup.device);
      disk = SimulatedDisk::Restarted(std::move(moment.image), setup.device, choices);
    }
    *states += 1;
  }
  return std::nullopt;
}

}  // namespace seawall::crash

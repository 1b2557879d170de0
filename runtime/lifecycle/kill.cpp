#include "runtime/lifecycle/kill.h"

#include <csignal>

#include "runtime/container/control.h"
#include "runtime/lifecycle/deadline.h"
#include "runtime/lifecycle/ending.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/signal_event.h"
#include "runtime/state/live.h"

namespace mycontainer::runtime::lifecycle {

namespace {

Failure not_running(const state::Roots& roots, const std::string& id) {
  return fail("cannot kill container: {}: container {} is not running", name_of(roots, id), id);
}

// What is frozen keeps its signals for later. Docker lets a paused container go on when the signal
// may be meant to stop it.
bool wakes(const state::Record& record, int signal) {
  return signal == record.stop_signal || record.stop_signal == SIGTERM;
}

// A run that has only just begun may have no process yet.
Result<void> send(const state::Roots& roots, const state::Record& record, int signal,
                  const state::ExitWaiter& run) {
  constexpr state::Nanoseconds kStep = 5'000'000;
  constexpr std::chrono::seconds kPatience(2);
  TRY(const auto settings, settings_of(roots));
  const Deadline deadline = Deadline::after(kPatience);
  while (true) {
    const auto sent = container::kill(record.id, signal, false, settings);
    if (sent) break;
    if (sent.error().code != ESRCH && sent.error().code != ENOENT) return sent;
    TRY(const auto ended, run.wait(deadline.remaining(kStep)));
    if (ended || deadline.passed()) return not_running(roots, record.id);
  }
  append_signal_event(roots, record, signal);
  return wakes(record, signal) ? thaw(roots, record) : Result<void>();
}

Result<void> end_now(const state::Roots& roots, const state::Record& record,
                     const state::ExitWaiter& run) {
  append_signal_event(roots, record, SIGKILL);
  TRY_VOID(end_by_force(roots, record.id, run));
  return record.auto_remove ? await_supervisor(roots, record.id) : Result<void>();
}

}  // namespace

Result<void> kill(const state::Roots& roots, const std::string& id, int signal) {
  TRY(const auto record, claim_end(roots, id));
  if (!record) return not_running(roots, id);
  TRY(const auto run, state::ExitWaiter::open(roots, id));
  // Between two runs: it has been told not to begin another, which is all that Docker does.
  if (!run) return {};
  return signal == SIGKILL ? end_now(roots, *record, *run) : send(roots, *record, signal, *run);
}

}  // namespace mycontainer::runtime::lifecycle

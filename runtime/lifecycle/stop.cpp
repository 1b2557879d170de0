#include "runtime/lifecycle/stop.h"

#include <csignal>

#include "runtime/container/control.h"
#include "runtime/engine/remove_foreign_tree.h"
#include "runtime/lifecycle/deadline.h"
#include "runtime/lifecycle/ending.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/process_status.h"
#include "runtime/lifecycle/signal_event.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"

namespace mycontainer::runtime::lifecycle {

namespace {

constexpr int kDefaultTimeout = 10;  // seconds; Docker's

// One call of stop(), over as many runs as the container begins meanwhile.
struct Stopping {
  const state::Roots& roots;
  const state::Record& record;
  const StopRequest& request;
  StopPlan plan;
  container::Settings settings;
  Deadline deadline;
  bool told = false;
};

// Whoever has a handler needs no notice, and whoever is killed at once has no wait.
void tell_if_unheard(Stopping& stopping) {
  if (stopping.told || stopping.plan.timeout == 0 || !stopping.request.notice) return;
  const auto found = container::inspect(stopping.record.id, stopping.settings);
  if (!found || found->status == container::Status::kStopped) return;
  const auto process = status_of_process(found->record.pid);
  if (!process || !drops_signal(*process, stopping.plan.signal)) return;
  // The number may have been another's by then, unless its process is there even now.
  const auto again = container::inspect(stopping.record.id, stopping.settings);
  if (!again || again->status == container::Status::kStopped) return;
  stopping.told = true;
  stopping.request.notice(
      unheard_signal_notice(process->name, stopping.record.name, stopping.plan));
}

// Whether the run has ended, by the signal or before it. A process that is not there yet is
// waited for.
Result<bool> signal_run(Stopping& stopping, const state::ExitWaiter& run) {
  constexpr state::Nanoseconds kStep = 5'000'000;
  while (true) {
    tell_if_unheard(stopping);
    auto sent = container::kill(stopping.record.id, stopping.plan.signal, false, stopping.settings);
    if (sent) {
      append_signal_event(stopping.roots, stopping.record, stopping.plan.signal);
      TRY_VOID(thaw(stopping.roots, stopping.record));
    }
    TRY(const auto code,
        run.wait(sent ? stopping.deadline.remaining() : stopping.deadline.remaining(kStep)));
    if (code) return true;
    if (stopping.deadline.passed()) return false;
  }
}

// Stopped, removed, or started anew by somebody else.
bool is_over(const Stopping& stopping) {
  const auto container = state::Container::open(stopping.roots, stopping.record.id);
  if (!container) return true;
  const auto record = container->read();
  if (!record) return !state::is_supervised(stopping.roots, stopping.record.id);
  const bool started_anew = !record->state.stopped_by_user && !record->foreground;
  return started_anew || !is_active(state::effective_state(stopping.roots, *record));
}

Result<void> end_all_runs(Stopping& stopping) {
  const std::string& id = stopping.record.id;
  while (!is_over(stopping)) {
    TRY(const auto run, state::ExitWaiter::open(stopping.roots, id));
    if (run) {
      TRY(const bool ended, signal_run(stopping, *run));
      if (!ended) {
        append_signal_event(stopping.roots, stopping.record, SIGKILL);
        TRY_VOID(end_by_force(stopping.roots, id, *run));
      }
      continue;
    }
    // Between two runs: its supervisor will not begin another.
    const bool changed = eventually(Deadline::after(kEndPatience), [&] {
      const auto next = state::ExitWaiter::open(stopping.roots, id);
      return is_over(stopping) || !next || *next;
    });
    if (!changed) return fail("the supervisor of container {} does not end", stopping.record.name);
  }
  return {};
}

}  // namespace

StopPlan plan_stop(const state::Record& record, const StopRequest& request) {
  return {request.signal.value_or(record.stop_signal),
          request.timeout.value_or(record.stop_timeout.value_or(kDefaultTimeout))};
}

std::string unheard_signal_notice(const std::string& process, const std::string& container,
                                  const StopPlan& plan) {
  const std::string unheard = fmt::format("PID 1 ({}) of {} does not handle {}", process, container,
                                          signal_name(plan.signal));
  if (plan.timeout < 0) return unheard + "; it will not be killed, as --timeout is negative";
  return fmt::format("{}; it will be killed after {} s (run it with --init, or stop it with -t 0)",
                     unheard, plan.timeout);
}

Result<void> stop(const state::Roots& roots, const std::string& id, const StopRequest& request) {
  TRY(const auto record, claim_end(roots, id));
  if (!record) {
    // Its supervisor was killed, perhaps: then nothing of it may go on.
    TRY_VOID(state::collect_if_stale(roots, id, engine::remove_foreign_tree));
    return {};
  }
  TRY(const auto settings, settings_of(roots));
  const StopPlan plan = plan_stop(*record, request);
  Stopping stopping{roots, *record, request, plan, settings, Deadline::after_seconds(plan.timeout)};
  TRY_VOID(end_all_runs(stopping));
  state::append_event(roots, state::container_event(*record, "stop"));
  if (record->auto_remove || !state::is_supervised(roots, id)) return await_supervisor(roots, id);
  return {};
}

}  // namespace mycontainer::runtime::lifecycle

#include "runtime/lifecycle/stop.h"

#include <csignal>

#include "runtime/container/control.h"
#include "runtime/ids/remove_foreign_tree.h"
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

// Stopped, removed, or started anew by somebody else.
bool Stop::is_over() const {
  const auto container = state::Container::open(roots_, id_);
  if (!container) return true;
  const auto record = container->read();
  if (!record) return !state::is_supervised(roots_, id_);
  const bool started_anew =
      !record->state.stopped_by_user && record->state.started != record_->state.started;
  return started_anew || !is_active(state::effective_state(roots_, *record));
}

// Whoever has a handler needs no notice, and whoever is killed at once has no wait.
void Stop::tell_if_unheard() {
  if (told_ || plan_.timeout == 0 || !request_.notice) return;
  const auto found = container::inspect(id_, settings_);
  if (!found || found->status == container::Status::kStopped) return;
  const auto process = status_of_process(found->record.pid);
  if (!process || !drops_signal(*process, plan_.signal)) return;
  // The number may have been another's by then, unless its process is there even now.
  const auto again = container::inspect(id_, settings_);
  if (!again || again->status == container::Status::kStopped) return;
  told_ = true;
  request_.notice(unheard_signal_notice(process->name, record_->name, plan_));
}

// A run that has only just begun may have no process to ask yet.
Result<void> Stop::ask() {
  tell_if_unheard();
  asked_ = container::kill(id_, plan_.signal, false, settings_).has_value();
  if (!asked_) return {};
  append_signal_event(roots_, *record_, plan_.signal);
  return thaw(roots_, *record_);
}

Result<Stop> Stop::begin(const state::Roots& roots, const std::string& id, StopRequest request) {
  Stop stop(roots, id, std::move(request));
  TRY(stop.record_, claim_end(roots, id));
  if (!stop.record_) return stop;
  TRY(stop.settings_, settings_of(roots));
  stop.plan_ = plan_stop(*stop.record_, stop.request_);
  stop.deadline_ = Deadline::after_seconds(stop.plan_.timeout);
  TRY(stop.run_, state::ExitWaiter::open(roots, id));
  if (stop.run_) TRY_VOID(stop.ask());
  return stop;
}

// Whether the run has ended before the deadline.
Result<bool> Stop::await_end() {
  constexpr state::Nanoseconds kStep = 5'000'000;
  while (true) {
    if (!asked_) TRY_VOID(ask());
    TRY(const auto code, run_->wait(asked_ ? deadline_.remaining() : deadline_.remaining(kStep)));
    if (code) return true;
    if (deadline_.passed()) return false;
  }
}

// Between two runs; its supervisor will soon see that there is to be no other.
Result<void> Stop::await_next_run() {
  const bool changed = eventually(Deadline::after(kEndPatience), [&] {
    auto next = state::ExitWaiter::open(roots_, id_);
    if (next) run_ = std::move(*next);
    return run_ || is_over();
  });
  if (changed) return {};
  return fail("the supervisor of container {} does not end", record_->name);
}

Result<void> Stop::finish() {
  if (!record_) {
    // Its supervisor was killed, perhaps: then nothing of it may go on.
    return state::is_supervised(roots_, id_) ? Result<void>() : await_supervisor(roots_, id_);
  }
  while (!is_over()) {
    if (!run_) TRY_VOID(await_next_run());
    if (!run_) continue;
    TRY(const bool ended, await_end());
    if (!ended) {
      append_signal_event(roots_, *record_, SIGKILL);
      TRY_VOID(end_by_force(roots_, id_, *run_));
    }
    run_.reset();
    asked_ = false;
  }
  state::append_event(roots_, state::container_event(*record_, "stop"));
  if (record_->auto_remove) return await_supervisor(roots_, id_);
  // Its supervisor was killed, perhaps; somebody else may have started it again by now.
  (void)state::collect_if_stale(roots_, id_, ids::remove_foreign_tree);
  return {};
}

Result<void> stop(const state::Roots& roots, const std::string& id, const StopRequest& request) {
  TRY(Stop stop, Stop::begin(roots, id, request));
  return stop.finish();
}

}  // namespace mycontainer::runtime::lifecycle

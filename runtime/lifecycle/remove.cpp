#include "runtime/lifecycle/remove.h"

#include <unistd.h>

#include <csignal>

#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/lifecycle/deadline.h"
#include "runtime/lifecycle/ending.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/signal_event.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"
#include "runtime/state/volumes.h"

namespace mycontainer::runtime::lifecycle {

namespace {

constexpr std::chrono::milliseconds kLook(100);

Failure still_runs(const std::string& name, const std::string& status) {
  if (status == "paused") {
    return fail("cannot remove container \"{}\": container is paused and must be unpaused first",
                name);
  }
  return fail(
      "cannot remove container \"{}\": container is {}: stop the container before removing or "
      "force remove",
      name, status);
}

// Of one that a supervisor cares for. A broken one counts as running: nothing says otherwise.
Result<void> refuse_if_active(const state::Roots& roots, const std::string& id) {
  const auto record = record_of(roots, id);
  if (!record && !exists(roots, id)) return {};
  if (!record) return still_runs(name_of(roots, id), "running");
  const state::State now = state::effective_state(roots, *record);
  if (!is_active(now)) return {};
  return still_runs(record->name, state::status_text(roots, id, now));
}

Result<void> end_run(const state::Roots& roots, const std::string& id) {
  // Of a broken one nothing can be noted, nor while a start hangs.
  constexpr std::chrono::milliseconds kPatience(500);
  const auto record = claim_end(roots, id, kPatience);
  TRY(const auto run, state::ExitWaiter::open(roots, id));
  if (!run) return {};
  if (record && *record) append_signal_event(roots, **record, SIGKILL);
  TRY_VOID(end_by_force(roots, id, *run));
  return {};
}

// One that goes on, or was left by a killed supervisor.
bool has_run(const state::Roots& roots, const std::string& id) {
  return ::access(state::container_directory(roots.state, id).c_str(), F_OK) == 0;
}

// Its run has ended, or not quite; one that has only just begun shows soon.
Result<void> await_idle(const state::Roots& roots, const std::string& id,
                        const Deadline& deadline) {
  while (true) {
    if (state::is_supervised(roots, id)) TRY_VOID(refuse_if_active(roots, id));
    auto ended = await_supervisor(roots, id, kLook);
    if (ended || deadline.passed() || !state::is_supervised(roots, id)) return ended;
  }
}

// Whoever supervises it may have been stopped, or hang: then it goes after what it supervises.
Result<void> end_by_all_means(const state::Roots& roots, const std::string& id,
                              const Deadline& deadline) {
  const Deadline patience = Deadline::after(kEndPatience);
  Result<void>
      first;  // what names the process that does not end, whatever becomes of the supervisor
  while (true) {
    auto ended = state::is_supervised(roots, id) ? end_run(roots, id) : Result<void>();
    if (first && !ended) first = ended;
    if (ended) ended = await_supervisor(roots, id, kLook);
    if (ended) return ended;
    if (deadline.passed()) return first ? ended : first;
    if (patience.passed()) kill_supervisor(roots, id);
  }
}

// Under the lock, where no new run can begin; false when one has begun before.
Result<bool> remove_idle(const state::Roots& roots, const std::string& id, bool volumes) {
  TRY(auto container, state::Container::open(roots, id));
  TRY_VOID(lock_within(container, kEndPatience));
  if (state::is_supervised(roots, id)) return false;
  auto record = container.read();
  TRY_VOID(container.remove(ids::remove_foreign_tree));
  if (!record) {
    record.emplace();
    record->id = id;
  }
  state::append_event(roots, state::container_event(*record, "destroy"));
  if (volumes || record->auto_remove) {
    state::remove_anonymous_volumes(roots, *record, ids::remove_foreign_tree);
  }
  return true;
}

}  // namespace

Result<void> remove(const state::Roots& roots, const std::string& id, bool force, bool volumes) {
  // A container that begins a run again and again between our looks is tried no longer than this.
  const Deadline deadline = Deadline::after(3 * kEndPatience);
  const bool may_remove_itself = force || has_run(roots, id);
  while (true) {
    TRY_VOID(force ? end_by_all_means(roots, id, deadline) : await_idle(roots, id, deadline));
    if (may_remove_itself && !exists(roots, id)) return {};
    TRY(const bool removed, remove_idle(roots, id, volumes));
    if (removed) return await_supervisor(roots, id);  // what could not be collected before
    if (deadline.passed()) {
      return fail("container {} is started again and again", name_of(roots, id));
    }
  }
}

}  // namespace mycontainer::runtime::lifecycle

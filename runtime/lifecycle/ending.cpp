#include "runtime/lifecycle/ending.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <vector>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/control.h"
#include "runtime/engine/monitor_protocol.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/lifecycle/deadline.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/process_status.h"
#include "runtime/state/event_log.h"
#include "runtime/state/lock.h"

namespace mycontainer::runtime::lifecycle {

namespace {

// Where state.json cannot be read, the cgroup is known by the container's id.
Result<void> kill_by_name(const state::Roots& roots, const std::string& id, bool rootless) {
  const auto record = record_of(roots, id);
  const std::string parent = record ? record->cgroup_parent : std::string();
  TRY(const auto cgroup, cgroup::Cgroup::open(id, parent, rootless));
  return cgroup.kill_all();
}

bool kill_first(const state::Roots& roots, const std::string& id) {
  const auto settings = settings_of(roots);
  return settings && container::kill(id, SIGKILL, false, *settings);
}

// Of everything that still runs, seen from here.
std::string what_is_stuck(const state::Roots& roots, const std::string& id,
                          const Result<void>& killed) {
  std::vector<pid_t> pids;
  if (const auto settings = settings_of(roots)) {
    if (auto members = container::processes(id, *settings)) pids = *std::move(members);
    const auto found = container::inspect(id, *settings);
    const bool runs = found && found->status != container::Status::kStopped;
    if (runs && std::ranges::find(pids, found->record.pid) == pids.end()) {
      pids.push_back(found->record.pid);
    }
  }
  std::string stuck = describe_stuck(pids);
  if (!stuck.empty()) return stuck;
  return killed ? "nothing of it runs any more, but its supervisor has not noticed"
                : killed.error().message();
}

}  // namespace

Result<void> kill_everything(const state::Roots& roots, const std::string& id) {
  TRY(const auto settings, settings_of(roots));
  const auto found = container::inspect(id, settings);
  if (!found) return kill_by_name(roots, id, settings.is_rootless);
  const auto cgroup = cgroup::Cgroup::reopen(found->record.cgroup);
  auto killed = cgroup ? cgroup->kill_all() : Result<void>(Failure(cgroup.error()));
  // Without a cgroup of its own its first process takes the PID namespace with it.
  auto first = container::kill(id, SIGKILL, false, settings);
  if (!first && first.error().code != ESRCH) return first;
  return killed;
}

Result<int> end_by_force(const state::Roots& roots, const std::string& id,
                         const state::ExitWaiter& run) {
  constexpr state::Nanoseconds kFirst = 200'000'000, kLongest = 1'000'000'000;
  const Deadline deadline = Deadline::after(kEndPatience);
  // Most containers end with their first process, which is waited for more quickly than a cgroup.
  if (kill_first(roots, id)) {
    TRY(const auto code, run.wait(kFirst));
    if (code) return *code;
  }
  // Again and again: the process may not be recorded yet when the run has only just begun.
  for (state::Nanoseconds step = kFirst;; step = std::min(step * 2, kLongest)) {
    const auto killed = kill_everything(roots, id);
    TRY(const auto code, run.wait(deadline.remaining(step)));
    if (code) return *code;
    if (!deadline.passed()) continue;
    return fail("container {} does not end: {}", name_of(roots, id),
                what_is_stuck(roots, id, killed));
  }
}

Result<void> thaw(const state::Roots& roots, const state::Record& record) {
  TRY(const auto settings, settings_of(roots));
  const auto found = container::inspect(record.id, settings);
  if (!found || found->status != container::Status::kPaused) return {};
  auto resumed = container::resume(record.id, settings);
  if (!resumed) {
    // Somebody else was quicker, or it has ended.
    const auto now = container::inspect(record.id, settings);
    if (!now || now->status != container::Status::kPaused) return {};
    return resumed;
  }
  state::append_event(roots, state::container_event(record, "unpause"));
  return {};
}

void kill_supervisor(const state::Roots& roots, const std::string& id) {
  const auto live =
      sys::open_at(AT_FDCWD, state::container_directory(roots.state, id), O_RDONLY | O_DIRECTORY);
  if (!live) return;
  const state::LockHolder holder = state::lock_holder(live->get());
  if (!holder.pidfd) return;
  // A collector holds the lock, too.
  const auto command = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/cmdline", holder.pid));
  if (!command || !command->starts_with(engine::kMonitorEntry)) return;
  sys::pidfd_send_signal(holder.pidfd.get(), SIGKILL);
}

Result<void> await_supervisor(const state::Roots& roots, const std::string& id,
                              std::chrono::nanoseconds patience) {
  std::optional<Error> failed;
  const bool ended = eventually(Deadline::after(patience), [&] {
    if (state::is_supervised(roots, id)) return false;
    const auto collected = state::collect_if_stale(roots, id, ids::remove_foreign_tree);
    const bool is_full =
        !collected && (collected.error().code == ENOSPC || collected.error().code == EDQUOT);
    if (!collected && !is_full) failed = collected.error();
    return !collected || *collected;
  });
  if (failed) return Failure(*failed);
  if (!ended) return fail("the supervisor of container {} does not end", name_of(roots, id));
  return {};
}

}  // namespace mycontainer::runtime::lifecycle

#include <poll.h>

#include <chrono>
#include <csignal>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/control.h"
#include "runtime/container/store.h"
#include "runtime/hooks/hooks.h"
#include "runtime/rdt/group.h"

namespace mycontainer::runtime::container {

namespace {

constexpr int kPatienceMilliseconds = 10'000;

Result<void> kill_init(const Record& record) {
  const auto pidfd = open_init(record);
  if (!pidfd) return {};  // it has ended by itself
  if (sys::pidfd_send_signal(pidfd->get(), SIGKILL) < 0 && errno != ESRCH) {
    return fail_errno("kill the container's first process");
  }
  pollfd waiting{pidfd->get(), POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMilliseconds) > 0) return {};
  return fail("process {} does not end after SIGKILL", record.pid);
}

// Without a PID namespace of its own the container's other processes do not end with the first; and
// what is frozen ends only by its cgroup.
Result<cgroup::Cgroup> end(const Record& record) {
  TRY(auto cgroup, cgroup::Cgroup::reopen(record.cgroup));
  TRY_VOID(cgroup.kill_all());
  TRY_VOID(kill_init(record));
  return cgroup;
}

// Found by the place that the configuration gives it, where no record says more.
Result<cgroup::Cgroup> cgroup_by_name(const oci::Spec& spec, const std::string& id, bool rootless) {
  const std::string& path = spec.linux_config.cgroups_path;
  if (path.empty()) return cgroup::Cgroup::open(id, {}, rootless);
  const std::size_t slash = path.rfind('/');
  // An empty parent would be the default one.
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return cgroup::Cgroup::open(path.substr(slash + 1), parent, rootless);  // npos + 1 is 0
}

// A creator that was killed before it had a process has not said which cgroup it made. Only an
// empty one is its: processes there are others'.
void remove_unrecorded_cgroup(const oci::Spec& spec, const Record& record) {
  if (record.pid != 0 || !record.cgroup.places.empty()) return;
  if (auto left = cgroup_by_name(spec, record.id, record.rootless)) {
    (void)left->remove(std::chrono::milliseconds(1));
  }
}

bool may_be_removed(Status status, bool force) {
  return force || status == Status::kStopped || status == Status::kCreated;
}

// Without a record that can be read, the cgroup is known by its name. A creation that was broken
// off before it had anything to record had no process yet: if some run there, they are others'.
Result<void> remove_unrecorded(StateDirectory& directory, const Settings& settings) {
  constexpr std::chrono::milliseconds kOnce(1), kPatience(kPatienceMilliseconds);
  const oci::Spec spec = directory.read_spec().value_or(oci::Spec());
  if (auto cgroup = cgroup_by_name(spec, directory.id(), settings.is_rootless)) {
    const bool recorded = directory.has("state.json");
    if (recorded) TRY_VOID(cgroup->kill_all());
    auto removed = cgroup->remove(recorded ? kPatience : kOnce);
    if (recorded && !removed) return removed;
  }
  return directory.remove();
}

// Whoever is creating or starting the container may wait for it without end (a hook that hangs):
// ending its processes ends that.
Result<void> lock_by_force(StateDirectory& directory) {
  TRY(const bool ours, directory.try_lock());
  if (!ours) {
    // What fails now is tried again with the lock.
    if (const auto record = directory.read_record()) (void)end(*record);
  }
  return directory.lock();
}

}  // namespace

Result<void> remove(const std::string& id, bool force, const Settings& settings) {
  auto opened = StateDirectory::open(settings.root, id);
  if (!opened && force && opened.error().code == ENOENT) return {};
  if (!opened) return Failure(std::move(opened).error());
  StateDirectory directory = std::move(*opened);
  auto locked = force ? lock_by_force(directory) : directory.lock();
  // Whoever held the lock has undone the creation: what was wanted.
  if (!locked && force && locked.error().code == ENOENT) return {};
  if (!locked) return locked;
  const auto record = directory.read_record();
  if (!record && force) return remove_unrecorded(directory, settings);
  if (!record) return Failure(record.error());
  TRY(const Status status, status_of(directory, *record));
  if (!may_be_removed(status, force)) {
    return fail("cannot delete container {} that is not stopped: {}", id, status_name(status));
  }
  TRY(auto cgroup, end(*record));
  TRY_VOID(cgroup.remove());
  const auto spec = directory.read_spec();
  if (spec) remove_unrecorded_cgroup(*spec, *record);
  if (spec && spec->linux_config.intel_rdt) {
    TRY_VOID(rdt::remove_group(*spec->linux_config.intel_rdt, id));
  }
  TRY_VOID(directory.remove());
  if (spec) {
    hooks::run_all_hooks("poststop", spec->hooks.poststop,
                         oci::to_json(state_of(*record, Status::kStopped)));
  }
  return {};
}

}  // namespace mycontainer::runtime::container

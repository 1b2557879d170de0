#include "runtime/container/control.h"

#include <algorithm>
#include <csignal>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/store.h"

namespace mycontainer::runtime::container {

namespace {

Result<Inspection> inspect_directory(const StateDirectory& directory) {
  Inspection found;
  TRY(found.record, directory.read_record());
  TRY(found.status, status_of(directory, found.record));
  return found;
}

struct Opened {
  Inspection container;
  cgroup::Cgroup cgroup;
};

// For commands about what runs in a container.
Result<Opened> open_running(const std::string& id, const Settings& settings) {
  TRY(Inspection container, inspect(id, settings));
  if (container.status == Status::kStopped) return fail_code(ESRCH, "container not running");
  TRY(auto cgroup, cgroup::Cgroup::reopen(container.record.cgroup));
  return Opened{std::move(container), std::move(cgroup)};
}

Result<Opened> open_with_cgroup(const std::string& id, const Settings& settings) {
  TRY(Opened opened, open_running(id, settings));
  if (opened.cgroup.empty()) return fail("container \"{}\" has no cgroup of its own", id);
  return opened;
}

}  // namespace

Result<Inspection> inspect(const std::string& id, const Settings& settings) {
  TRY(const StateDirectory directory, StateDirectory::open(settings.root, id));
  return inspect_directory(directory);
}

Result<std::vector<Inspection>> inspect_all(const Settings& settings) {
  TRY(const auto ids, list_ids(settings.root));
  std::vector<Inspection> all;
  for (const std::string& id : ids) {
    if (auto found = inspect(id, settings)) all.push_back(std::move(*found));
  }
  return all;
}

oci::State state_of(const Record& record, Status status) {
  oci::State state;
  state.oci_version = record.oci_version;
  state.id = record.id;
  state.status = status_name(status);
  state.pid = status == Status::kStopped ? 0 : record.pid;
  state.bundle = record.bundle;
  state.annotations = record.annotations;
  return state;
}

namespace {

Result<void> send_signal(const Inspection& container, int signal, bool all) {
  if (all) {
    TRY(const auto cgroup, cgroup::Cgroup::reopen(container.record.cgroup));
    return cgroup.signal_all(signal);
  }
  TRY(const UniqueFd pidfd, open_init(container.record));
  if (sys::pidfd_send_signal(pidfd.get(), signal) == 0) return {};
  if (errno == ESRCH) return fail_code(ESRCH, "container not running");
  return fail_errno("send signal {} to container {}", signal, container.record.id);
}

}  // namespace

namespace {

// Else the kernel ends all its processes with the first.
bool has_own_pid_namespace(const std::string& id, const Settings& settings) {
  const auto directory = StateDirectory::open(settings.root, id);
  const auto spec = directory ? directory->read_spec() : Result<oci::Spec>(Failure(Error{}));
  return !spec || std::ranges::any_of(spec->linux_config.namespaces, [](const auto& entry) {
    return entry.type == "pid" && entry.path.empty();
  });
}

}  // namespace

Result<void> kill(const std::string& id, int signal, bool all, const Settings& settings) {
  TRY(const Inspection container, inspect(id, settings));
  TRY_VOID(send_signal(container, signal, all));
  if (signal != SIGKILL) return {};
  if (!has_own_pid_namespace(id, settings)) {
    TRY(const auto everything, cgroup::Cgroup::reopen(container.record.cgroup));
    TRY_VOID(everything.kill_all());
  }
  if (container.status != Status::kPaused) return {};
  // What v1 has frozen dies only once it is thawed; runc's clients need not know.
  TRY(const auto cgroup, cgroup::Cgroup::reopen(container.record.cgroup));
  return cgroup.resume();
}

Result<void> pause(const std::string& id, const Settings& settings) {
  TRY(const Opened opened, open_with_cgroup(id, settings));
  const Status status = opened.container.status;
  if (status != Status::kRunning && status != Status::kCreated) {
    return fail("container not running or created: {}", status_name(status));
  }
  return opened.cgroup.pause();
}

Result<void> resume(const std::string& id, const Settings& settings) {
  TRY(const Opened opened, open_with_cgroup(id, settings));
  TRY(const bool frozen, opened.cgroup.frozen());
  if (!frozen) return fail("container not paused");
  return opened.cgroup.resume();
}

Result<std::vector<pid_t>> processes(const std::string& id, const Settings& settings) {
  TRY(const Opened opened, open_with_cgroup(id, settings));
  return opened.cgroup.processes();
}

Result<void> update(const std::string& id, const oci::Resources& resources,
                    const Settings& settings) {
  TRY(const Opened opened, open_with_cgroup(id, settings));
  return opened.cgroup.update(resources);
}

Result<cgroup::Stats> stats(const std::string& id, const Settings& settings) {
  TRY(const Opened opened, open_with_cgroup(id, settings));
  return opened.cgroup.stats();
}

}  // namespace mycontainer::runtime::container

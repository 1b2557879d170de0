#include "runtime/container/exec.h"

#include <fcntl.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/birth.h"
#include "runtime/container/console_socket.h"
#include "runtime/container/control.h"
#include "runtime/container/descriptors.h"
#include "runtime/container/foreground.h"
#include "runtime/container/status.h"
#include "runtime/container/store.h"
#include "runtime/oci/validate.h"
#include "runtime/security/seccomp_listener.h"

namespace mycontainer::runtime::container {

namespace {

void add_capabilities(oci::Capabilities& sets, const std::vector<std::string>& names) {
  for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted}) {
    for (const std::string& name : names) {
      if (std::ranges::find(*set, name) == set->end()) set->push_back(name);
    }
  }
}

// What the caller leaves unsaid, the container's own process says: nobody gets more rights by it.
oci::Process completed(oci::Process process, const oci::Process& model) {
  if (!process.capabilities) process.capabilities = model.capabilities;
  if (process.apparmor_profile.empty()) process.apparmor_profile = model.apparmor_profile;
  if (process.selinux_label.empty()) process.selinux_label = model.selinux_label;
  if (process.rlimits.empty()) process.rlimits = model.rlimits;
  if (!process.oom_score_adj) process.oom_score_adj = model.oom_score_adj;
  return process;
}

oci::Process process_of(const ExecRequest& request, const oci::Spec& spec) {
  oci::Process process = spec.process.value_or(oci::Process());
  if (request.process) return completed(*request.process, process);
  process.args = request.args;
  process.terminal = request.terminal;
  process.console_size.reset();
  if (request.cwd) process.cwd = *request.cwd;
  process.env.insert(process.env.end(), request.env.begin(), request.env.end());
  if (request.uid) process.user.uid = *request.uid;
  if (request.gid) process.user.gid = *request.gid;
  auto& groups = process.user.additional_gids;
  groups.insert(groups.end(), request.additional_gids.begin(), request.additional_gids.end());
  if (!request.capabilities.empty()) {
    if (!process.capabilities) process.capabilities.emplace();
    add_capabilities(*process.capabilities, request.capabilities);
  }
  process.no_new_privileges = request.no_new_privileges.value_or(process.no_new_privileges);
  process.apparmor_profile = request.apparmor_profile.value_or(process.apparmor_profile);
  return process;
}

Result<void> check(const ExecRequest& request, const oci::Process& process) {
  const bool socket = !request.console_socket.empty();
  if (request.detach && process.terminal && !socket) {
    return fail("a terminal that nobody shows needs --console-socket");
  }
  if (socket && !process.terminal) return fail("--console-socket: no terminal was asked for");
  return oci::validate_process(process);
}

Result<Record> find_running(const StateDirectory& directory, bool ignore_paused) {
  TRY(Record record, directory.read_record());
  TRY(const Status status, status_of(directory, record));
  if (status == Status::kStopped) return fail("cannot exec in a stopped container");
  if (status == Status::kCreating) return fail("cannot exec in a container that is being created");
  if (status == Status::kPaused && !ignore_paused) {
    return fail("cannot exec in a paused container (use --ignore-paused to override)");
  }
  return record;
}

Result<void> send_listener(const oci::Spec& spec, const Record& record, UniqueFd listener,
                           pid_t pid) {
  const oci::Seccomp& seccomp = *spec.linux_config.seccomp;
  oci::ContainerProcessState process;
  process.oci_version = record.oci_version;
  process.pid = pid;
  process.metadata = seccomp.listener_metadata;
  process.state = state_of(record, Status::kRunning);
  return security::send_seccomp_listener(seccomp.listener_path, std::move(listener), process);
}

// What the container's new process is made of, while it is being made.
struct Exec {
  const ExecRequest& request;
  const Record& record;
  const oci::Spec& spec;
  Foreground& foreground;
};

Result<void> take_console(const Exec& exec, UniqueFd master) {
  const std::string& socket = exec.request.console_socket;
  if (socket.empty()) return exec.foreground.adopt_console(std::move(master));
  return send_console(socket, master.get());
}

// The started process: hands its terminal over, and waits for its execve.
Result<void> complete(launch::Launch& launch, const Exec& exec) {
  launch::Started started;
  while (true) {
    TRY(const bool more, launch.take_message(started));
    if (started.console) TRY_VOID(take_console(exec, std::move(started.console)));
    if (started.seccomp_listener) {
      TRY_VOID(send_listener(exec.spec, exec.record, std::move(started.seccomp_listener),
                             launch.process().pid()));
    }
    if (!more) return {};
  }
}

// Below the container's own cgroup, when a path is asked for.
Result<cgroup::Cgroup> cgroup_for(const Record& record, const std::string& below) {
  if (below.empty()) return cgroup::Cgroup::reopen(record.cgroup);
  if (("/" + below + "/").find("/../") != std::string::npos) {
    return fail("--cgroup {}: leads out of the container's cgroup", below);
  }
  cgroup::CgroupRecord wanted = record.cgroup;
  for (auto& place : wanted.places) place.path += "/" + below;
  TRY(auto found, cgroup::Cgroup::reopen(wanted));
  if (found.empty()) return fail("--cgroup {}: the container has no such cgroup", below);
  return found;
}

// With sub-cgroups of its own (a container that runs systemd) the container's cgroup can hold no
// process itself (cgroups(7), "no internal processes"): then that of its first process.
Result<cgroup::Cgroup> cgroup_of_init(const Record& record) {
  TRY(const std::string text,
      sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/cgroup", record.pid)));
  cgroup::CgroupRecord wanted = record.cgroup;
  for (auto& place : wanted.places) {
    if (place.v2) place.path = cgroup::parse_own_v2_path(text);
  }
  return cgroup::Cgroup::reopen(wanted);
}

Result<launch::Launch> make_process(ExecBirth birth, const Record& record) {
  auto launch = give_birth(birth);
  if (launch || launch.error().code != EBUSY) return launch;
  TRY(const auto other, cgroup_of_init(record));
  ExecBirth again{.spec = birth.spec, .cgroup = other, .pidfd = birth.pidfd};
  again.join_namespaces = birth.join_namespaces;
  again.streams = birth.streams;
  again.seal_directory = birth.seal_directory;
  again.seccomp_cache = birth.seccomp_cache;
  again.gifts = birth.gifts;
  again.session_keyring = birth.session_keyring;
  return give_birth(again);
}

}  // namespace

Result<int> exec(const ExecRequest& request, const Settings& settings) {
  TRY(const auto preserved, preserved_descriptors(request.preserved_fds));
  TRY(const StateDirectory directory, StateDirectory::open(settings.root, request.id));
  TRY(const Record record, find_running(directory, request.ignore_paused));
  TRY(oci::Spec spec, directory.read_spec());
  spec.process = process_of(request, spec);
  TRY_VOID(check(request, *spec.process));
  TRY(const UniqueFd pidfd, open_init(record));
  TRY(const auto cgroup, cgroup_for(record, request.cgroup));
  const bool shown = spec.process->terminal && request.console_socket.empty();
  TRY(Foreground foreground, Foreground::prepare(shown));
  ExecBirth birth{.spec = spec, .cgroup = cgroup, .pidfd = pidfd.get()};
  birth.join_namespaces = namespaces_to_join(spec, record.pid);
  birth.streams = foreground.child_streams();
  birth.seal_directory = directory.path();
  birth.seccomp_cache = settings.root + "/.seccomp";
  birth.gifts.preserved = preserved;
  birth.session_keyring = session_keyring_of(request.id);
  TRY(auto launch, make_process(std::move(birth), record));
  TRY_VOID(complete(launch, {request, record, spec, foreground}));
  TRY_VOID(write_pid_file(request.pid_file, launch.process().pid()));
  if (!request.detach) return foreground.wait(launch.process());
  (void)launch.process().release();
  return 0;
}

}  // namespace mycontainer::runtime::container

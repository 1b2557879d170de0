#include "runtime/container/exec.h"

#include <algorithm>

#include "runtime/container/console_socket.h"
#include "runtime/container/descriptors.h"
#include "runtime/container/entrance.h"
#include "runtime/container/foreground.h"
#include "runtime/oci/validate.h"

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

Result<void> check_status(Status status, bool ignore_paused) {
  if (status == Status::kStopped) return fail("cannot exec in a stopped container");
  if (status == Status::kCreating) return fail("cannot exec in a container that is being created");
  if (status == Status::kPaused && !ignore_paused) {
    return fail("cannot exec in a paused container (use --ignore-paused to override)");
  }
  return {};
}

Result<void> take_console(const std::string& socket, Foreground& foreground, UniqueFd master) {
  if (socket.empty()) return foreground.adopt_console(std::move(master));
  return send_console(socket, master.get());
}

// The started process: hands its terminal over, and waits for its execve.
Result<void> complete(const Entrance& entrance, launch::Launch& launch, const std::string& socket,
                      Foreground& foreground) {
  launch::Started started;
  while (true) {
    TRY(const bool more, entrance.take_message(launch, started));
    if (started.console) TRY_VOID(take_console(socket, foreground, std::move(started.console)));
    if (!more) return {};
  }
}

}  // namespace

Result<int> exec(const ExecRequest& request, const Settings& settings) {
  TRY(const auto preserved, preserved_descriptors(request.preserved_fds));
  TRY(auto entrance, Entrance::open(request.id, settings));
  TRY_VOID(check_status(entrance.status(), request.ignore_paused));
  Newcomer newcomer{.process = process_of(request, entrance.spec())};
  TRY_VOID(check(request, newcomer.process));
  const bool shown = newcomer.process.terminal && request.console_socket.empty();
  TRY(Foreground foreground, Foreground::prepare(shown));
  newcomer.streams = foreground.child_streams();
  newcomer.preserved = preserved;
  newcomer.cgroup = request.cgroup;
  newcomer.seccomp_cache = settings.root + "/.seccomp";
  newcomer.session_keyring = session_keyring_of(request.id);
  TRY(auto launch, entrance.give_birth(std::move(newcomer)));
  TRY_VOID(complete(entrance, launch, request.console_socket, foreground));
  TRY_VOID(write_pid_file(request.pid_file, launch.process().pid()));
  if (!request.detach) return foreground.wait(launch.process());
  (void)launch.process().release();
  return 0;
}

}  // namespace mycontainer::runtime::container

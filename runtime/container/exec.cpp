#include "runtime/container/exec.h"

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/birth.h"
#include "runtime/container/console_socket.h"
#include "runtime/container/descriptors.h"
#include "runtime/container/foreground.h"
#include "runtime/container/status.h"
#include "runtime/container/store.h"
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

oci::Process process_of(const ExecRequest& request, const oci::Spec& spec) {
  if (request.process) return *request.process;
  oci::Process process = spec.process.value_or(oci::Process());
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

// The started process: hands its terminal over, and waits for its execve.
Result<void> complete(launch::Launch& launch, const ExecRequest& request, Foreground& foreground) {
  launch::Started started;
  while (true) {
    TRY(const bool more, launch.take_message(started));
    if (started.console) {
      const UniqueFd master = std::move(started.console);
      if (request.console_socket.empty()) {
        TRY_VOID(foreground.adopt_console(UniqueFd(::fcntl(master.get(), F_DUPFD_CLOEXEC, 3))));
      } else {
        TRY_VOID(send_console(request.console_socket, master.get()));
      }
    }
    if (!more) return {};
  }
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
  TRY(const auto cgroup, cgroup::Cgroup::reopen(record.cgroup));
  const bool shown = spec.process->terminal && request.console_socket.empty();
  TRY(Foreground foreground, Foreground::prepare(shown));
  ExecBirth birth{.spec = spec, .cgroup = cgroup, .pidfd = pidfd.get()};
  birth.join_namespaces = namespaces_to_join(spec, record.pid);
  birth.streams = foreground.child_streams();
  birth.seal_directory = directory.path();
  birth.seccomp_cache = settings.root + "/.seccomp";
  birth.gifts.preserved = preserved;
  TRY(auto launch, give_birth(birth));
  TRY_VOID(complete(launch, request, foreground));
  TRY_VOID(write_pid_file(request.pid_file, launch.process().pid()));
  if (!request.detach) return foreground.wait(launch.process());
  (void)launch.process().release();
  return 0;
}

}  // namespace mycontainer::runtime::container

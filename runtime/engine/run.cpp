#include "runtime/engine/run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/birth.h"
#include "runtime/engine/bind_sources.h"
#include "runtime/engine/host_files.h"
#include "runtime/engine/kernel_features.h"
#include "runtime/engine/names.h"
#include "runtime/engine/prepare_spec.h"
#include "runtime/engine/remove_foreign_tree.h"
#include "runtime/engine/trace.h"
#include "runtime/io/session.h"
#include "runtime/launch/launch.h"
#include "runtime/oci/json.h"
#include "runtime/state/live_container.h"

namespace mycontainer::runtime::engine {

namespace {

Result<Outcome> print_spec(const oci::Spec& spec) {
  TRY_VOID(sys::write_all(STDOUT_FILENO, oci::to_json(spec) + "\n"));
  return Outcome{};
}

Result<void> write_host_file(int directory, const char* name, const std::string& text,
                             const PreparedSpec& prepared) {
  TRY_VOID(sys::write_file_at(directory, name, text, O_WRONLY | O_CREAT | O_EXCL, 0644));
  const oci::Linux& config = prepared.spec.linux_config;
  if (prepared.rootless || config.uid_mappings.empty()) return {};
  // Root of the container's own user namespace may edit its files too.
  const uid_t uid = config.uid_mappings.front().host_id;
  const gid_t gid = config.gid_mappings.front().host_id;
  if (::fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("change the owner of {}", name);
  }
  return {};
}

// A missing file reads as empty, and so does whatever is not a file: a fifo must not make us wait.
std::string host_file(const char* path) {
  const auto file = sys::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK);
  return file ? sys::read_all(file->get()).value_or(std::string()) : std::string();
}

// A container on the host's network has the host's own loopback interface, so that its name
// servers and names there are the host's too, as with Docker.
Result<void> write_host_files(int directory, const PreparedSpec& prepared, NetworkMode network) {
  const std::string resolv = host_file("/etc/resolv.conf");
  std::string hosts;
  if (network == NetworkMode::kHost) hosts = host_file("/etc/hosts");
  if (hosts.empty()) hosts = hosts_text(prepared.hostname);
  TRY_VOID(write_host_file(directory, "hosts", hosts, prepared));
  TRY_VOID(write_host_file(directory, "hostname", hostname_text(prepared.hostname), prepared));
  return write_host_file(directory, "resolv.conf",
                         network == NetworkMode::kHost ? resolv : resolv_conf_text(resolv),
                         prepared);
}

std::string oom_notice(const cgroup::Cgroup& cgroup) {
  const std::uint64_t kills = cgroup.oom_kills();
  if (kills == 0) return {};
  return fmt::format("out of memory: the kernel killed {} process{} of the container", kills,
                     kills == 1 ? "" : "es");
}

Outcome outcome_of(const reexec::Status& status, const cgroup::Cgroup& cgroup,
                   const io::Session& session) {
  Outcome outcome{status.shell_code(), oom_notice(cgroup)};
  // Output that was lost on our side of the pipe must not look like success.
  if (const auto lost = session.stream_error()) {
    outcome.notice = lost->message();
    if (outcome.exit_code == 0) outcome.exit_code = 125;
  }
  return outcome;
}

// The kernel's refusal does not say which setting is behind it.
Error with_obstacle(Error error) {
  const bool refused = error.code == EPERM || error.code == EACCES || error.code == ENOSPC;
  if (!refused || !error.hint.empty()) return error;
  const std::string obstacle = unprivileged_userns_obstacle();
  if (obstacle.empty()) return error;
  error.hint = "an ordinary user's container needs a user namespace, and " + obstacle;
  return error;
}

// What was asked for, and what was made for it on this machine.
struct Run {
  const RunRequest& request;
  const PreparedSpec& prepared;
  const state::Roots& roots;
  Trace& trace;
  io::Session& session;
  state::LiveContainer& container;
  cgroup::Cgroup& cgroup;
  const cgroup::CgroupRequest& limits;
};

Result<launch::Launch> give_birth(const Run& run) {
  container::Birth birth{
      .spec = run.prepared.spec, .cgroup = run.cgroup, .cgroup_request = run.limits};
  birth.streams = run.session.child_streams();
  birth.seal_directory = run.roots.state;
  birth.seccomp_cache = run.roots.data + "/seccomp";
  birth.rootless = run.prepared.rootless;
  birth.shift_root = true;  // --rootfs DIR and images hold the ids that the container sees
  birth.follow_parent = true;
  // Our filter keeps a container from all keys; each keyring would count against the user's quota.
  if (!run.prepared.spec.linux_config.seccomp) {
    birth.session_keyring = "_ses." + run.container.id();
  }
  birth.trace = run.prepared.trace;
  birth.after_clone = [&run](pid_t) {
    run.trace.mark("clone");
    run.session.close_child_streams();
    return write_host_files(run.container.dirfd(), run.prepared, run.request.network);
  };
  auto launch = container::give_birth(birth);
  run.trace.mark("plan, devices and cgroups");
  return launch;
}

Result<Outcome> start_and_wait(const Run& run) {
  TRY(auto launch, give_birth(run));
  state::collect_stale(run.roots, remove_foreign_tree);
  run.trace.mark("collection");
  launch::Started started;
  const int pidfd = launch.process().pidfd();
  TRY_VOID(run.session.await_start(
      pidfd, {launch.channel_fd(), [&] { return launch.take_message(started); }}));
  run.trace.mark_started("wait until started", std::move(started.times));
  run.container.remove_volatile_marker();
  if (started.console) TRY_VOID(run.session.adopt_console(std::move(started.console)));
  TRY(const reexec::Status status, run.session.run(launch.process()));
  run.trace.mark("run");
  return outcome_of(status, run.cgroup, run.session);
}

Result<void> clean_up(const Run& run, bool kill) {
  if (kill) TRY_VOID(run.cgroup.kill_all());
  TRY_VOID(run.cgroup.remove());
  return run.container.remove();
}

// What happened to the program is the outcome, whatever becomes of the cleaning up.
void add_notice(Result<Outcome>& outcome, std::string_view context, const Result<void>& done) {
  if (done || !outcome || !outcome->notice.empty()) return;
  outcome->notice = fmt::format("{}: {}", context, done.error().message());
}

// One container from nothing to nothing. What is made is owned by an object, so that a failure at
// any line undoes the lines above it.
Result<Outcome> run_container(const RunRequest& request, const PreparedSpec& prepared,
                              const std::string& id, const state::Roots& roots) {
  TRY(Trace trace, Trace::begin(request.trace));
  TRY(io::Session session, io::Session::prepare({request.interactive, request.terminal}));
  TRY_VOID(create_missing_sources(request.mounts));
  TRY(auto container,
      state::LiveContainer::create(roots, {id, request.name, request.cgroup_parent, {}},
                                   remove_foreign_tree));
  const cgroup::CgroupRequest limits{id, request.cgroup_parent,
                                     prepared.spec.linux_config.resources, prepared.rootless};
  TRY(cgroup::Cgroup cgroup, cgroup::Cgroup::create(limits));
  trace.mark("container and cgroup");
  const Run run{request, prepared, roots, trace, session, container, cgroup, limits};
  auto outcome = start_and_wait(run);
  // Without a PID namespace of its own the container's other processes do not end with the first.
  const auto cleaned = clean_up(run, request.host_pid || !outcome);
  // What could not be removed must stay findable for the next command.
  if (!cleaned) container.leave();
  add_notice(outcome, "not everything was cleaned up, the next command tries again", cleaned);
  trace.mark("clean up");
  add_notice(outcome, "write the trace", trace.write());
  return outcome;
}

Result<Outcome> prepare_and_run(const RunRequest& request, const state::Roots& roots) {
  TRY(const std::string id, random_id());
  TRY(const PreparedSpec prepared, prepare_spec(request, roots, id));
  if (request.dry_run) return print_spec(prepared.spec);
  auto outcome = run_container(request, prepared, id, roots);
  if (!outcome && prepared.rootless) return Failure(with_obstacle(std::move(outcome).error()));
  return outcome;
}

}  // namespace

Result<Outcome> run(const RunRequest& request, const Settings& settings) {
  if (request.detach) {
    Error error{"-d (--detach) is not supported yet"};
    error.hint = "detached containers come with the lifecycle commands; leave -d out";
    return Failure(std::move(error));
  }
  // What the container sees (its root, /etc/hosts) must not depend on the caller's umask.
  ::umask(0022);
  const state::Roots roots{settings.data_root, settings.state_root};
  auto outcome = prepare_and_run(request, roots);
  // What fills the disk may be what a killed supervisor left: the next command must find it gone.
  if (!outcome) state::collect_stale(roots, remove_foreign_tree);
  return outcome;
}

}  // namespace mycontainer::runtime::engine

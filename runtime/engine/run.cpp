#include "runtime/engine/run.h"

#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/engine/bind_sources.h"
#include "runtime/engine/fill_volumes.h"
#include "runtime/engine/instance.h"
#include "runtime/engine/kernel_features.h"
#include "runtime/engine/names.h"
#include "runtime/engine/new_container.h"
#include "runtime/engine/prepare_spec.h"
#include "runtime/engine/shared_network.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/io/session.h"
#include "runtime/oci/json.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"

namespace mycontainer::runtime::engine {

namespace {

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

// What was made for it on this machine.
struct Run {
  const state::Roots& roots;
  const state::Record& record;
  Trace& trace;
  io::Session& session;
  Instance& instance;
};

Result<Outcome> start_and_wait(const Run& run) {
  TRY(auto launch, run.instance.give_birth(run.session.child_streams(), run.trace,
                                           [&] { run.session.close_child_streams(); }));
  state::collect_some(run.roots, ids::remove_foreign_tree);
  run.trace.mark("collection");
  launch::Started started;
  const int pidfd = launch.process().pidfd();
  TRY_VOID(run.session.await_start(
      pidfd, {launch.channel_fd(), [&] { return launch.take_message(started); }}));
  run.trace.mark_started("wait until started", std::move(started.times));
  state::append_event(run.roots, state::container_event(run.record, "start"));
  run.instance.note_started();
  if (started.console) TRY_VOID(run.session.adopt_console(std::move(started.console)));
  TRY(const reexec::Status status, run.session.run(launch.process()));
  run.trace.mark("run");
  return outcome_of(status, run.instance.cgroup(), run.session);
}

// What happened to the program is the outcome, whatever becomes of the cleaning up.
void add_notice(Result<Outcome>& outcome, std::string_view context, const Result<void>& done) {
  if (done || !outcome || !outcome->notice.empty()) return;
  outcome->notice = fmt::format("{}: {}", context, done.error().message());
}

void tell_the_end(const state::Roots& roots, const state::Record& record,
                  const Result<Outcome>& outcome) {
  if (!outcome) return;
  const std::string code = std::to_string(outcome->exit_code);
  state::append_events(roots, {state::container_event(record, "die", {{"exitCode", code}}),
                               state::container_event(record, "destroy")});
}

// One container from nothing to nothing. What is made is owned by an object, so that a failure at
// any line undoes the lines above it.
Result<Outcome> run_container(const RunRequest& request, PreparedSpec& prepared,
                              const state::Roots& roots) {
  TRY(Trace trace, Trace::begin(request.trace));
  TRY(io::Session session, io::Session::prepare({request.interactive, request.terminal}));
  TRY_VOID(create_missing_sources(request.mounts));
  state::Record& record = prepared.record;
  TRY(auto live, state::LiveDirectory::create(roots, record.id, ids::remove_foreign_tree));
  live.goes_after(state::container_directory(roots.data, record.id));
  record.foreground = true;
  record.state.status = state::Status::kRunning;
  record.state.started = record.created;
  TRY(record.state.boot, state::boot_id());
  TRY(auto volumes, NewVolumes::make(prepared.volumes, record, roots));
  TRY(auto container, store_container(prepared, roots));
  volumes.recorded();
  TRY_VOID(fill_volumes(prepared.spec, record, roots));
  container.unlock();
  TRY(const SharedNetwork shared, join_network(record, roots, prepared.spec));
  TRY(Instance instance, Instance::prepare({roots, record, prepared.spec, live}));
  trace.mark("container and cgroup");
  auto outcome = start_and_wait({roots, record, trace, session, instance});
  live.end_run(outcome ? outcome->exit_code : 125);
  auto cleaned = instance.clean_up(!outcome);
  if (cleaned) cleaned = container.remove(ids::remove_foreign_tree);
  // What could not be removed must stay findable for the next command.
  if (!cleaned) {
    container.keep();
    volumes.keep();
    live.leave();
  }
  tell_the_end(roots, record, outcome);
  add_notice(outcome, "not everything was cleaned up, the next command tries again", cleaned);
  trace.mark("clean up");
  add_notice(outcome, "write the trace", trace.write());
  return outcome;
}

bool is_watched(const state::HealthCheck& check) {
  return !check.test.empty() && check.test.front() != "NONE";
}

Result<std::optional<Outcome>> prepare_and_run(const RunRequest& request, const state::Roots& roots,
                                               const images::Report& report) {
  TRY(const std::string id, random_id());
  TRY(PreparedSpec prepared, prepare_spec(request, roots, id, report));
  if (is_watched(prepared.record.health_check)) return std::optional<Outcome>();
  auto outcome = run_container(request, prepared, roots);
  if (outcome) return std::optional(*std::move(outcome));
  if (!prepared.record.rootless) return Failure(std::move(outcome).error());
  return Failure(with_userns_obstacle(std::move(outcome).error()));
}

}  // namespace

bool is_self_supervised(const RunRequest& request) {
  const bool attached = !request.attach_input && !request.attach_output && !request.attach_error;
  return request.remove && !request.detach && attached && request.sig_proxy &&
         request.detach_keys.empty() && request.restart.kind == state::RestartKind::kNo &&
         !request.log && !is_watched(request.health_check) && request.cid_file.empty();
}

Result<std::optional<Outcome>> run(const RunRequest& request, const state::Roots& roots,
                                   const images::Report& report) {
  // What the container sees (its root, /etc/hosts) must not depend on the caller's umask.
  ::umask(0022);
  auto outcome = prepare_and_run(request, roots, report);
  // What fills the disk may be what a killed supervisor left: the next command must find it gone.
  if (!outcome) state::collect_stale(roots, ids::remove_foreign_tree);
  return outcome;
}

Result<void> print_spec(const RunRequest& request, const state::Roots& roots,
                        const images::Report& report) {
  TRY(const std::string id, random_id());
  TRY(PreparedSpec prepared, prepare_spec(request, roots, id, report));
  TRY_VOID(name_network(prepared.record, roots, prepared.spec));
  return sys::write_all(STDOUT_FILENO, oci::to_json(prepared.spec) + "\n");
}

}  // namespace mycontainer::runtime::engine

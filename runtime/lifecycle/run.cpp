#include "runtime/lifecycle/run.h"

#include "runtime/lifecycle/create.h"
#include "runtime/lifecycle/start.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

// Without -a all streams, the input only when there is one (-i).
attach::ClientRequest client_for(const engine::RunRequest& request) {
  const bool named = request.attach_input || request.attach_output || request.attach_error;
  attach::ClientRequest client;
  client.input = request.interactive && (!named || request.attach_input);
  client.output = !named || request.attach_output;
  client.error = !named || request.attach_error;
  client.terminal = request.terminal;
  client.detach_keys = request.detach_keys;
  client.sig_proxy = request.sig_proxy;
  return client;
}

std::string oom_notice(const state::Roots& roots, const std::string& id) {
  const auto container = state::Container::open(roots, id);
  const auto record = container ? container->read() : Result<state::Record>(Failure(Error{}));
  if (!record || !record->state.oom_killed) return {};
  return "out of memory: the kernel killed a process of the container";
}

Result<RunOutcome> run_attached(const engine::RunRequest& request, const state::Roots& roots,
                                const images::Report& report) {
  const attach::ClientRequest client = client_for(request);
  TRY_VOID(attach::check_streams(client));
  TRY(const state::Record record, create(request, roots, report));
  TRY(const auto end, start_attached(roots, record.id, client));
  if (end.detached) return RunOutcome{{}, record.id, true};
  if (!end.exit_code) return fail("the container's monitor died, and the container with it");
  return RunOutcome{{*end.exit_code, oom_notice(roots, record.id)}, record.id, false};
}

}  // namespace

Result<RunOutcome> run(const engine::RunRequest& request, const state::Roots& roots,
                       const images::Report& report) {
  if (engine::is_self_supervised(request)) {
    TRY(auto outcome, engine::run(request, roots, report));
    if (outcome) return RunOutcome{*std::move(outcome), {}, false};
  }
  if (request.trace.enabled) {
    Error error{"--trace follows a container that this command supervises itself"};
    error.hint = "add --rm, and leave out -d, --restart, --health-cmd and the like";
    return Failure(std::move(error));
  }
  if (!request.detach) return run_attached(request, roots, report);
  TRY(const state::Record record, create(request, roots, report));
  TRY_VOID(start(roots, record.id));
  return RunOutcome{{}, record.id, true};
}

}  // namespace mycontainer::runtime::lifecycle

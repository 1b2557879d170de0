#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "runtime/attach/client.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/start.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

namespace attach = runtime::attach;
namespace state = runtime::state;
using options::Option;

struct Typed {
  std::string detach_keys;
  bool no_stdin = false, sig_proxy = true;
};

Result<void> set_keys(Typed& typed, std::string_view value) {
  TRY(typed.detach_keys, attach::keys_from_text(std::string(value)));
  return {};
}

constexpr std::array kOptions = {
    Option{"detach-keys", 0, "string",
           "Override the key sequence for detaching a container (default none)",
           options::apply<Typed, set_keys>},
    Option{"no-stdin", 0, "", "Do not attach STDIN", options::flag<&Typed::no_stdin>},
    Option{"sig-proxy", 0, "", "Proxy all received signals to the process (default true)",
           options::flag<&Typed::sig_proxy>},
};

// In Docker's words.
Result<void> check_running(const state::Roots& roots, const state::Record& record) {
  const auto effective = state::effective_state(roots, record);
  if (!runtime::lifecycle::is_active(effective)) {
    return fail("You cannot attach to a stopped container, start it first");
  }
  const std::string status = state::status_text(roots, record.id, effective);
  if (status == "paused") {
    return fail("You cannot attach to a paused container, unpause it first");
  }
  if (status == "restarting") {
    return fail("You cannot attach to a restarting container, wait until it is running");
  }
  if (record.foreground) {
    return Failure(Error{fmt::format("nobody can attach to {}", record.name), 0,
                         "its streams are those of the command that runs it; `exec` brings another "
                         "process into it",
                         0});
  }
  return {};
}

attach::ClientRequest request_for(const state::Roots& roots, const state::Record& record,
                                  const Typed& typed) {
  attach::ClientRequest request;
  request.input = record.interactive && !typed.no_stdin;
  request.terminal = record.terminal;
  request.detach_keys = typed.detach_keys;
  request.sig_proxy = typed.sig_proxy;
  request.signal = [&roots, id = record.id](int signal) {
    // It may just have ended, which its monitor tells next.
    runtime::lifecycle::pass_signal(roots, id, signal);
  };
  return request;
}

Result<int> attach_to(const state::Roots& roots, const std::string& id, const Typed& typed) {
  TRY(const auto record, runtime::lifecycle::record_of(roots, id));
  TRY_VOID(check_running(roots, record));
  const auto request = request_for(roots, record, typed);
  TRY_VOID(attach::check_streams(request));
  TRY(auto signals, runtime::io::SignalQueue::open());
  auto socket = attach::connect(state::container_directory(roots.state, id));
  if (!socket) return within("cannot attach", std::move(socket).error());
  attach::say_hello(socket->get(), request);
  TRY(const auto end, attach::run(*std::move(socket), request, std::move(signals)));
  if (end.detached) return 0;
  if (end.exit_code) return *end.exit_code;
  return fail("the container's monitor was killed");
}

}  // namespace

Result<int> attach_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1, .most = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, state::find(roots, words->front()));
  return attach_to(roots, id, typed);
}

}  // namespace mycontainer::cmd

#include "runtime/lifecycle/stop.h"

#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/restart.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::lifecycle::StopRequest;

struct Typed {
  StopRequest request;
  bool timeout = false, time = false;
};

Result<void> set_timeout(Typed& typed, std::string_view value) {
  TRY(typed.request.timeout, options::parse_integer<int>(value));
  typed.timeout = true;
  return {};
}

Result<void> set_time(Typed& typed, std::string_view value) {
  TRY(typed.request.timeout, options::parse_integer<int>(value));
  typed.time = true;
  return {};
}

Result<void> set_signal(Typed& typed, std::string_view value) {
  TRY(typed.request.signal, options::parse_signal(value));
  return {};
}

constexpr std::array kOptions = {
    Option{"signal", 's', "string", "Signal to send to the container",
           options::apply<Typed, set_signal>},
    Option{"time", 0, "int", "The same as --timeout", options::apply<Typed, set_time>},
    Option{"timeout", 't', "int", "Seconds to wait before killing the container",
           options::apply<Typed, set_timeout>},
};

using Action = Result<void> (*)(const runtime::state::Roots& roots, const std::string& id,
                                const StopRequest& request);

Result<int> stop_or_restart(const VerbCall& call, Action act) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  if (typed.time && typed.timeout) {
    return fail("conflicting options: cannot specify both --timeout and --time");
  }
  typed.request.notice = [&](std::string_view text) { warn(call, text); };
  return for_each_container(call, *words, true, [&](const auto& roots, const std::string& id) {
    return act(roots, id, typed.request);
  });
}

}  // namespace

Result<int> stop_verb(const VerbCall& call) {
  return stop_or_restart(call, runtime::lifecycle::stop);
}

Result<int> restart_verb(const VerbCall& call) {
  return stop_or_restart(call, runtime::lifecycle::restart);
}

}  // namespace mycontainer::cmd

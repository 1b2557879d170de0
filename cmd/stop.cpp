#include "runtime/lifecycle/stop.h"

#include <array>

#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/restart.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::lifecycle::Stop;
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

Result<std::optional<std::vector<std::string>>> parse(const VerbCall& call, Typed& typed) {
  TRY(auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (typed.time && typed.timeout) {
    return fail("conflicting options: cannot specify both --timeout and --time");
  }
  typed.request.notice = [&call](std::string_view text) { warn(call, text); };
  return words;
}

Result<Stop> begin(const runtime::state::Roots& roots, const std::string& word,
                   const StopRequest& request) {
  TRY(const std::string id, runtime::state::find(roots, word));
  return Stop::begin(roots, id, request);
}

Result<void> finish(Result<Stop>& stop, const std::string& word) {
  if (!stop) return Failure(stop.error());
  TRY_VOID(stop->finish());
  return say(word + "\n");
}

}  // namespace

// All are asked first, so that those that must be killed are waited for together.
Result<int> stop_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse(call, typed));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  std::vector<Result<Stop>> stops;
  for (const std::string& word : *words) stops.push_back(begin(roots, word, typed.request));
  int status = 0;
  for (std::size_t i = 0; i < stops.size(); ++i) {
    const auto done = finish(stops[i], (*words)[i]);
    if (done) continue;
    status = 1;
    tell(print::error_text(call.path, done.error()));
  }
  return status;
}

Result<int> restart_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse(call, typed));
  if (!words) return 0;
  return for_each_container(call, *words, true, [&](const auto& roots, const std::string& id) {
    return runtime::lifecycle::restart(roots, id, typed.request);
  });
}

}  // namespace mycontainer::cmd

#include "runtime/lifecycle/kill.h"

#include <array>
#include <csignal>

#include "cmd/options/members.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {
namespace {

struct Typed {
  int signal = SIGKILL;
};

Result<void> set_signal(Typed& typed, std::string_view value) {
  TRY(typed.signal, options::parse_signal(value));
  return {};
}

constexpr std::array kOptions = {
    options::Option{"signal", 's', "string", "Signal to send to the container (default KILL)",
                    options::apply<Typed, set_signal>},
};

}  // namespace

Result<int> kill_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  return for_each_container(call, *words, true, [&](const auto& roots, const std::string& id) {
    return runtime::lifecycle::kill(roots, id, typed.signal);
  });
}

}  // namespace mycontainer::cmd

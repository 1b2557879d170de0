#include "runtime/lifecycle/start.h"

#include <array>

#include "cmd/options/option.h"
#include "cmd/options/values.h"
#include "cmd/verbs.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

struct StartOptions {
  bool attach = false, interactive = false;
  std::string detach_keys;
};

template <bool StartOptions::*Member>
Result<void> set_flag(StartOptions& options, std::string_view value) {
  TRY(options.*Member, options::parse_bool(value));
  return {};
}
Result<void> set_detach_keys(StartOptions& options, std::string_view value) {
  TRY(options.detach_keys, runtime::attach::keys_from_text(std::string(value)));
  return {};
}
template <Result<void> (*Function)(StartOptions&, std::string_view)>
constexpr options::Apply on = &options::apply_to<StartOptions, Function>;

constexpr std::array kOptions = {
    options::Option{"attach", 'a', "", "Attach STDOUT/STDERR and forward signals",
                    on<set_flag<&StartOptions::attach>>},
    options::Option{"detach-keys", 0, "string",
                    "Key sequence for detaching a container (none by default)",
                    on<set_detach_keys>},
    options::Option{"interactive", 'i', "", "Attach container's STDIN",
                    on<set_flag<&StartOptions::interactive>>},
};

Result<int> start_attached(const VerbCall& call, const StartOptions& options,
                           const std::string& word) {
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, word));
  TRY(const auto container, runtime::state::Container::open(roots, id));
  TRY(const auto record, container.read());
  runtime::attach::ClientRequest client;
  client.input = options.interactive && record.interactive;
  client.terminal = record.terminal;
  client.detach_keys = options.detach_keys;
  TRY_VOID(runtime::lifecycle::restore_layers(roots, id));
  TRY(const auto end, runtime::lifecycle::start_attached(roots, id, std::move(client)));
  if (end.detached) return 0;
  if (!end.exit_code) return fail("the container's monitor died, and the container with it");
  return *end.exit_code;
}

}  // namespace

Result<int> start_verb(const VerbCall& call) {
  StartOptions options;
  TRY(const auto words, parse_verb(call, kOptions, &options, {.least = 1}));
  if (!words) return 0;
  if (!options.attach && !options.interactive) {
    return for_each_container(call, *words, true, runtime::lifecycle::start_again);
  }
  if (words->size() > 1) return fail("you cannot start and attach multiple containers at once");
  return start_attached(call, options, words->front());
}

}  // namespace mycontainer::cmd

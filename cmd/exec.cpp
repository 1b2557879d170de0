#include "runtime/lifecycle/exec.h"

#include <array>

#include "cmd/options/container_options.h"
#include "cmd/options/members.h"
#include "cmd/options/run_draft.h"
#include "cmd/verbs.h"
#include "runtime/attach/client.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  options::RunDraft draft;  // what `run` has options of the same name for
  std::string detach_keys;  // as bytes
  bool has_user = false, detach = false;
};

template <Result<void> (*Function)(options::RunDraft&, std::string_view)>
Result<void> as_run(Typed& typed, std::string_view value) {
  return Function(typed.draft, value);
}

template <bool runtime::engine::RunRequest::*Member>
Result<void> set_flag(Typed& typed, std::string_view value) {
  TRY(typed.draft.request.*Member, options::parse_bool(value));
  return {};
}

Result<void> set_user(Typed& typed, std::string_view value) {
  typed.has_user = !value.empty();
  return options::set_user(typed.draft, value);
}

Result<void> set_detach_keys(Typed& typed, std::string_view value) {
  TRY(typed.detach_keys, runtime::attach::keys_from_text(std::string(value)));
  return {};
}

template <Result<void> (*Function)(Typed&, std::string_view)>
constexpr options::Apply on = options::apply_to<Typed, Function>;

using runtime::engine::RunRequest;

constexpr std::array kOptions = {
    Option{"detach", 'd', "", "Detached mode: run command in the background",
           options::flag<&Typed::detach>},
    Option{"detach-keys", 0, "string", "Key sequence for leaving the command (none by default)",
           on<set_detach_keys>},
    Option{"env", 'e', "list", "Set environment variables", on<as_run<options::add_env>>},
    Option{"env-file", 0, "list", "Read in a file of environment variables",
           on<as_run<options::add_env_file>>},
    Option{"interactive", 'i', "", "Keep STDIN open even if not attached",
           on<set_flag<&RunRequest::interactive>>},
    Option{"privileged", 0, "", "Give extended privileges to the command",
           on<set_flag<&RunRequest::privileged>>},
    Option{"tty", 't', "", "Allocate a pseudo-TTY", on<set_flag<&RunRequest::terminal>>},
    Option{"user", 'u', "string", R"(Username or UID (format: "<name|uid>[:<group|gid>]"))",
           on<set_user>},
    Option{"workdir", 'w', "string", "Working directory inside the container",
           on<as_run<options::set_workdir>>},
};

runtime::lifecycle::ExecRequest request_from(Typed& typed, std::vector<std::string> args) {
  RunRequest& run = typed.draft.request;
  runtime::lifecycle::ExecRequest request;
  request.process.args = std::move(args);
  request.process.env = std::move(typed.draft.env_from_files);
  request.process.env.insert(request.process.env.end(), run.env.begin(), run.env.end());
  if (typed.has_user) request.process.user = std::move(run.user);
  request.process.working_directory = std::move(run.working_directory);
  request.process.terminal = run.terminal;
  request.process.privileged = run.privileged;
  request.interactive = run.interactive;
  request.detach = typed.detach;
  request.detach_keys = std::move(typed.detach_keys);
  return request;
}

}  // namespace

Result<int> exec_verb(const VerbCall& call) {
  Typed typed;
  TRY(auto words, parse_verb(call, kOptions, &typed, {.least = 2}, Order::kLeading));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(std::string id, runtime::state::find(roots, words->front()));
  auto request = request_from(typed, {words->begin() + 1, words->end()});
  request.id = std::move(id);
  return runtime::lifecycle::exec(request, roots);
}

}  // namespace mycontainer::cmd

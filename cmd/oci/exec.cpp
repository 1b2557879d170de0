#include "runtime/container/exec.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "cmd/oci/user.h"
#include "cmd/oci/verb.h"
#include "cmd/oci/words.h"
#include "cmd/options/parse.h"
#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "runtime/oci/json.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;
using runtime::container::ExecRequest;

struct Typed {
  ExecRequest request;
  std::string process_file;
  bool no_subreaper = false, help = false;
};

template <auto Member>
Result<void> set(Typed& typed, std::string_view value) {
  typed.request.*Member = std::string(value);
  return {};
}

template <auto Member>
Result<void> set_truth(Typed& typed, std::string_view value) {
  TRY(typed.request.*Member, options::parse_bool(value));
  return {};
}

Result<void> add_env(Typed& typed, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos || equals == 0) return fail("not of the form NAME=VALUE");
  typed.request.env.emplace_back(value);
  return {};
}

Result<void> set_user(Typed& typed, std::string_view value) {
  TRY(const UserNumbers user, parse_user(value));
  typed.request.uid = user.uid;
  typed.request.gid = user.gid;
  return {};
}

Result<void> add_groups(Typed& typed, std::string_view value) {
  TRY(const auto groups, parse_groups(value));
  auto& all = typed.request.additional_gids;
  all.insert(all.end(), groups.begin(), groups.end());
  return {};
}

// "net_admin" is CAP_NET_ADMIN, too.
Result<void> add_capability(Typed& typed, std::string_view value) {
  std::string name(value);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  if (!name.starts_with("CAP_")) name.insert(0, "CAP_");
  typed.request.capabilities.push_back(std::move(name));
  return {};
}

Result<void> set_preserve_fds(Typed& typed, std::string_view value) {
  TRY(typed.request.preserved_fds, parse_descriptor_count(value));
  return {};
}

Result<void> ignore_label(Typed& /*typed*/, std::string_view value) {
  if (!value.empty()) log_warn("--process-label {}: SELinux is not supported", value);
  return {};
}

template <Result<void> (*Function)(Typed&, std::string_view)>
constexpr options::Apply on = apply<Typed, Function>;

constexpr std::array kOptions = {
    Option{"additional-gids", 'g', "list", "Further groups, by number", on<add_groups>},
    Option{"apparmor", 0, "string", "AppArmor profile", on<set<&ExecRequest::apparmor_profile>>},
    Option{"cap", 'c', "list", "Add a capability", on<add_capability>},
    Option{"cgroup", 0, "path", "Run in this cgroup below the container's own",
           on<set<&ExecRequest::cgroup>>},
    Option{"console-socket", 0, "path", "Unix socket that gets the terminal's master end",
           on<set<&ExecRequest::console_socket>>},
    Option{"cwd", 0, "directory", "Working directory in the container", on<set<&ExecRequest::cwd>>},
    Option{"detach", 'd', "", "Return when the program runs", on<set_truth<&ExecRequest::detach>>},
    Option{"env", 'e', "list", "Add NAME=VALUE to the environment", on<add_env>},
    Option{"help", 'h', "", "Print usage", flag<&Typed::help>},
    Option{"ignore-paused", 0, "", "Also when the container is paused: it then waits for resume",
           on<set_truth<&ExecRequest::ignore_paused>>},
    Option{"no-new-privs", 0, "", "Set the no_new_privs bit",
           on<set_truth<&ExecRequest::no_new_privileges>>},
    Option{"no-subreaper", 0, "", "Has no effect: there never is one", flag<&Typed::no_subreaper>},
    Option{"pid-file", 0, "file", "Write the process's number to this file",
           on<set<&ExecRequest::pid_file>>},
    Option{"preserve-fds", 0, "number",
           "Pass that many descriptors more, from 3 (and $LISTEN_FDS) on", on<set_preserve_fds>},
    Option{"process", 'p', "file",
           R"(What to run as JSON, like "process" of config.json; no other words then)",
           text<&Typed::process_file>},
    Option{"process-label", 0, "string", "Has no effect: SELinux is not supported",
           on<ignore_label>},
    Option{"tty", 't', "", "With a terminal of its own", on<set_truth<&ExecRequest::terminal>>},
    Option{"user", 'u', "uid[:gid]", "User, by number", on<set_user>},
};

Result<void> read_process(Typed& typed) {
  auto text = sys::read_file_at(AT_FDCWD, typed.process_file);
  if (!text) return within("--process", std::move(text).error());
  auto process = runtime::oci::process_from_json(*text);
  if (!process) return within("--process " + typed.process_file, std::move(process).error());
  typed.request.process = std::move(*process);
  return {};
}

// `words`: the container's id, then the program and its arguments.
Result<void> take_words(Typed& typed, options::Arguments words) {
  if (words.empty()) return fail("the container's id is missing");
  typed.request.id = words.front();
  for (const char* word : words.subspan(1)) typed.request.args.emplace_back(word);
  if (!typed.process_file.empty()) return read_process(typed);
  if (typed.request.args.empty()) return fail("the program is missing, or --process");
  return {};
}

Result<void> take_inherited(ExecRequest& request, const VerbCall& call) {
  TRY(request.preserved_fds, call.inherited.preserved(request.preserved_fds));
  auto& env = request.process ? request.process->env : request.env;
  for (std::string& variable : call.inherited.environment()) env.push_back(std::move(variable));
  return {};
}

}  // namespace

Result<int> exec_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, options::parse(kOptions, &typed, call.arguments));
  if (typed.help) return show_help("exec", kOptions);
  TRY_VOID(take_words(typed, words));
  TRY_VOID(take_inherited(typed.request, call));
  return runtime::container::exec(typed.request, call.settings);
}

}  // namespace mycontainer::cmd::oci

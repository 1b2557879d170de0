#include "cmd/verbs.h"

#include <array>

#include "cmd/build_info.h"
#include "cmd/oci/program.h"
#include "cmd/print/usage.h"

namespace mycontainer::cmd {
namespace {

constexpr int kEngineFailed = 125;

constexpr std::string_view kContainers = "[OPTIONS] CONTAINER [CONTAINER...]";

constexpr std::array kVerbs = {
    Verb{"Common Commands", "run", "[OPTIONS] [IMAGE] [COMMAND] [ARG...]",
         "Create and run a new container", run_verb, kEngineFailed},
    Verb{"Common Commands", "exec", "[OPTIONS] CONTAINER COMMAND [ARG...]",
         "Execute a command in a running container", exec_verb},
    Verb{"Common Commands", "version", "", "Show the version and what the kernel offers",
         version_verb},
    Verb{"Management Commands", "container", "COMMAND", "Manage containers", container_verb},
    Verb{"Management Commands", "system", "COMMAND", "Manage mycontainer", system_verb},
    Verb{"Commands", "help", "[COMMAND]", "Show help about the program or one of its commands",
         help_verb},
    Verb{"Commands", "kill", kContainers, "Kill one or more running containers", kill_verb},
    Verb{"Commands", "pause", "CONTAINER [CONTAINER...]",
         "Pause all processes within one or more containers", pause_verb},
    Verb{"Commands", "rename", "CONTAINER NEW_NAME", "Rename a container", rename_verb},
    Verb{"Commands", "rm", kContainers, "Remove one or more containers", rm_verb},
    Verb{"Commands", "stop", kContainers, "Stop one or more running containers", stop_verb},
    Verb{"Commands", "unpause", "CONTAINER [CONTAINER...]",
         "Unpause all processes within one or more containers", unpause_verb},
    Verb{"Commands", "update", kContainers, "Update configuration of one or more containers",
         update_verb},
    Verb{"Commands", "wait", "CONTAINER [CONTAINER...]",
         "Block until one or more containers stop, then print their exit codes", wait_verb},
    Verb{"OCI Runtime", "oci", "[OPTIONS] COMMAND",
         "Be an OCI runtime: the commands of runc and crun", oci_verb},
};

// The same functions as above, by the names Docker has for them below `container` and `system`.
constexpr std::array kContainerVerbs = {
    Verb{"Commands", "exec", "[OPTIONS] CONTAINER COMMAND [ARG...]",
         "Execute a command in a running container", exec_verb},
    Verb{"Commands", "run", "[OPTIONS] [IMAGE] [COMMAND] [ARG...]",
         "Create and run a new container", run_verb, kEngineFailed},
    Verb{"Commands", "kill", kContainers, "Kill one or more running containers", kill_verb},
    Verb{"Commands", "pause", "CONTAINER [CONTAINER...]",
         "Pause all processes within one or more containers", pause_verb},
    Verb{"Commands", "prune", "[OPTIONS]", "Remove all stopped containers", container_prune_verb},
    Verb{"Commands", "rename", "CONTAINER NEW_NAME", "Rename a container", rename_verb},
    Verb{"Commands", "rm", kContainers, "Remove one or more containers", rm_verb},
    Verb{"Commands", "stop", kContainers, "Stop one or more running containers", stop_verb},
    Verb{"Commands", "unpause", "CONTAINER [CONTAINER...]",
         "Unpause all processes within one or more containers", unpause_verb},
    Verb{"Commands", "update", kContainers, "Update configuration of one or more containers",
         update_verb},
    Verb{"Commands", "wait", "CONTAINER [CONTAINER...]",
         "Block until one or more containers stop, then print their exit codes", wait_verb},
};
constexpr std::array kSystemVerbs = {
    Verb{"Commands", "prune", "[OPTIONS]", "Remove unused data", system_prune_verb},
    Verb{"Commands", "version", "", "Show the version and what the kernel offers", version_verb},
};

std::string group_help(const VerbCall& call, std::span<const Verb> table) {
  std::vector<print::NamedHelp> entries;
  for (const Verb& verb : table) entries.push_back({verb.group, verb.name, verb.help});
  return fmt::format(
      "Usage:  mycontainer {0} COMMAND\n\n{1}\n{2}\n"
      "Run 'mycontainer {0} COMMAND --help' for more information on a command.\n",
      call.path, call.verb.help, print::grouped_list(entries));
}

Result<int> run_group(const VerbCall& call, std::span<const Verb> table) {
  const std::string_view name = call.arguments.empty() ? "--help" : call.arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    TRY_VOID(say(group_help(call, table)));
    return 0;
  }
  const Verb* verb = find_verb(table, name);
  if (verb == nullptr) return unknown_verb(table, name);
  auto code = verb->run(
      {call.globals, *verb, fmt::format("{} {}", call.path, name), call.arguments.subspan(1)});
  if (code || code.error().exit_status != 0) return code;
  Error error = std::move(code).error();
  error.exit_status = verb->failure_status;
  return Failure(std::move(error));
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }
std::span<const Verb> container_verbs() { return kContainerVerbs; }
std::span<const Verb> system_verbs() { return kSystemVerbs; }

Result<int> container_verb(const VerbCall& call) { return run_group(call, kContainerVerbs); }
Result<int> system_verb(const VerbCall& call) { return run_group(call, kSystemVerbs); }

Result<int> oci_verb(const VerbCall& call) {
  return oci::run_program(call.arguments, {kVersion, kCommit});
}

}  // namespace mycontainer::cmd

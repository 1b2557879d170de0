#include "cmd/oci/verb.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cmd/oci/globals.h"
#include "cmd/options/suggest.h"
#include "cmd/print/usage.h"
#include "reexec/sys/file.h"

namespace mycontainer::cmd::oci {
namespace {

constexpr std::string_view kLife = "Life of a Container";
constexpr std::string_view kChange = "Running Containers";
constexpr std::string_view kLook = "Looking at Containers";
constexpr std::string_view kOther = "Other Commands";

constexpr std::array kVerbs = {
    Verb{kLife, "create", "[OPTIONS] CONTAINER", "Create a container from a bundle", create_verb},
    Verb{kLife, "start", "CONTAINER", "Start the program of a created container", start_verb},
    Verb{kLife, "run", "[OPTIONS] CONTAINER", "Create and start a container", run_verb},
    Verb{kLife, "kill", "[OPTIONS] CONTAINER [SIGNAL]",
         "Send a signal (default TERM) to the container's first process", kill_verb},
    Verb{kLife, "delete", "[OPTIONS] CONTAINER", "Remove a container that does not run",
         delete_verb},
    Verb{kChange, "exec", "[OPTIONS] CONTAINER PROGRAM [ARG...]",
         "Run one more program in a container", exec_verb},
    Verb{kChange, "pause", "CONTAINER", "Stop all processes of a container for a while",
         pause_verb},
    Verb{kChange, "resume", "CONTAINER", "Let them go on", resume_verb},
    Verb{kChange, "update", "[OPTIONS] CONTAINER", "Change the limits of a container", update_verb},
    Verb{kLook, "state", "CONTAINER", "Print the state of a container as JSON", state_verb},
    Verb{kLook, "list", "[OPTIONS]", "List the containers", list_verb},
    Verb{kLook, "ps", "[OPTIONS] CONTAINER", "List the processes of a container", ps_verb},
    Verb{kLook, "events", "[OPTIONS] CONTAINER",
         "Print what a container uses, again and again, and when it runs out of memory",
         events_verb},
    Verb{kOther, "spec", "[OPTIONS]", "Write a config.json to begin with", spec_verb},
    Verb{kOther, "features", "", "Print as JSON what this runtime can do", features_verb},
    Verb{kOther, "help", "[COMMAND]", "Show help about the program or one of its commands",
         help_verb},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

const Verb* find_verb(std::string_view name) {
  const auto verb = std::ranges::find(kVerbs, name, &Verb::name);
  return verb == kVerbs.end() ? nullptr : &*verb;
}

Failure unknown_verb(std::string_view name) {
  if (name == "checkpoint" || name == "restore") {
    return fail("{} is not supported: containers are not checkpointed", name);
  }
  std::vector<std::string_view> names;
  names.reserve(std::size(kVerbs));
  for (const Verb& verb : kVerbs) names.push_back(verb.name);
  const std::string_view nearest = options::suggest(name, names);
  const std::string hint = nearest.empty() ? "'mycontainer oci --help' lists the commands"
                                           : fmt::format("did you mean '{}'?", nearest);
  return Failure(Error{fmt::format("unknown command: {}", name), 0, hint, 0});
}

std::string program_help() {
  std::vector<print::NamedHelp> entries;
  for (const Verb& verb : verbs()) entries.push_back({verb.group, verb.name, verb.help});
  return "Usage:  mycontainer oci [OPTIONS] COMMAND\n"
         "\n"
         "An OCI runtime: what runc and crun understand\n" +
         print::grouped_list(entries) + "\nGlobal Options:\n" +
         print::option_list(global_options()) +
         "\nRun 'mycontainer oci COMMAND --help' for more information on a command.\n";
}

Result<int> show_help(std::string_view verb, options::OptionTable table) {
  const Verb& row = *find_verb(verb);
  TRY_VOID(say(fmt::format("Usage:  mycontainer oci {} {}\n\n{}\n\nOptions:\n{}", row.name,
                           row.words, row.help, print::option_list(table))));
  return 0;
}

Result<int> help_verb(const VerbCall& call) {
  const bool about_all = call.arguments.empty() || std::string_view(call.arguments[0]) == "--help";
  if (about_all) {
    TRY_VOID(say(program_help()));
    return 0;
  }
  if (call.arguments.size() > 1) return fail("help takes the name of one command");
  const Verb* verb = find_verb(call.arguments[0]);
  if (verb == nullptr) return unknown_verb(call.arguments[0]);
  constexpr const char* kHelp[] = {"--help"};
  return verb->run({call.build, call.settings, call.inherited, kHelp});
}

Result<void> say(std::string_view text) {
  auto written = sys::write_all(STDOUT_FILENO, text);
  if (!written) return within("standard output", std::move(written).error());
  return {};
}

}  // namespace mycontainer::cmd::oci

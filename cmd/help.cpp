#include <vector>

#include "cmd/print/usage.h"
#include "cmd/verbs.h"

namespace mycontainer::cmd {

std::string program_help() {
  std::vector<print::NamedHelp> entries;
  for (const Verb& verb : verbs()) entries.push_back({verb.group, verb.name, verb.help});
  return "Usage:  mycontainer [OPTIONS] COMMAND\n"
         "\n"
         "Containers without a daemon\n" +
         print::grouped_list(entries) + "\nGlobal Options:\n" +
         print::option_list(options::global_options()) +
         "\nRun 'mycontainer COMMAND --help' for more information on a command.\n";
}

Result<int> help_verb(const VerbCall& call) {
  if (call.arguments.empty() || std::string_view(call.arguments[0]) == "--help") {
    TRY_VOID(say(program_help()));
    return 0;
  }
  if (call.arguments.size() > 1) return fail("help takes the name of one command");
  const Verb* verb = find_verb(verbs(), call.arguments[0]);
  if (verb == nullptr) return unknown_verb(verbs(), call.arguments[0]);
  constexpr const char* kHelp[] = {"--help"};
  return verb->run({call.globals, *verb, std::string(verb->name), kHelp});
}

}  // namespace mycontainer::cmd

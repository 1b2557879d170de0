#include "cmd/verb.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cmd/build_info.h"
#include "cmd/oci/program.h"
#include "cmd/options/suggest.h"
#include "reexec/sys/file.h"

namespace mycontainer::cmd {
namespace {

constexpr std::array kVerbs = {
    Verb{"Common Commands", "run", "Create and run a new container", run_verb},
    Verb{"Common Commands", "version", "Show the version and what the kernel offers", version_verb},
    Verb{"Commands", "help", "Show help about the program or one of its commands", help_verb},
    Verb{"OCI Runtime", "oci", "Be an OCI runtime: the commands of runc and crun", oci_verb},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

Result<int> oci_verb(const VerbCall& call) {
  return oci::run_program(call.arguments, {kVersion, kCommit});
}

const Verb* find_verb(std::string_view name) {
  const auto verb = std::ranges::find(kVerbs, name, &Verb::name);
  return verb == kVerbs.end() ? nullptr : &*verb;
}

Failure unknown_verb(std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(std::size(kVerbs));
  for (const Verb& verb : kVerbs) names.push_back(verb.name);
  const std::string_view nearest = options::suggest(name, names);
  const std::string hint = nearest.empty() ? "'mycontainer --help' lists the commands"
                                           : fmt::format("did you mean '{}'?", nearest);
  return Failure(Error{fmt::format("unknown command: {}", name), 0, hint, 0});
}

Result<void> say(std::string_view text) {
  auto written = sys::write_all(STDOUT_FILENO, text);
  if (!written) return within("standard output", std::move(written).error());
  return {};
}

void tell(std::string_view text) { (void)sys::write_all(STDERR_FILENO, text); }

}  // namespace mycontainer::cmd

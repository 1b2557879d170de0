// A verb of the command line, the table of all of them, and what all verbs do alike.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/options/global_options.h"
#include "cmd/options/option.h"
#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::cmd {

struct Verb;

struct VerbCall {
  const options::GlobalOptions& globals;
  const Verb& verb;
  std::string path;              // how it was called: "stop", "container stop"
  options::Arguments arguments;  // what follows the verb
};

// `run` returns the process's exit code; an error that names no exit status ends with
// `failure_status` (Docker's: 125 of run, 1 of all others).
struct Verb {
  std::string_view group, name;
  std::string_view words;  // "[OPTIONS] CONTAINER [CONTAINER...]", as Docker's usage line has it
  std::string_view help;
  Result<int> (*run)(const VerbCall& call);
  int failure_status = 1;
  bool of_container = false;  // also a verb of `mycontainer container`
  bool of_image = false;      // also a verb of `mycontainer image`
};

std::span<const Verb> verbs();            // verbs.cpp
std::span<const Verb> container_verbs();  // of `mycontainer container`
std::span<const Verb> image_verbs();      // of `mycontainer image`
std::span<const Verb> manifest_verbs();   // of `mycontainer manifest`
std::span<const Verb> network_verbs();    // of `mycontainer network`
std::span<const Verb> system_verbs();     // of `mycontainer system`
std::span<const Verb> volume_verbs();     // of `mycontainer volume`

// nullptr when there is none of that name.
const Verb* find_verb(std::span<const Verb> table, std::string_view name);

// The error for a name that is not in the table, with the nearest one as its hint.
Failure unknown_verb(std::span<const Verb> table, std::string_view name);

// How many words a verb takes beside its options.
struct Arity {
  std::size_t least = 0;
  std::size_t most = static_cast<std::size_t>(-1);
};

// What was typed after the verb, but its options: those went into `target`. Nothing when --help was
// asked for and printed. Wrong usage is an error with exit status 125 for an option, 1 for the
// number of words. kLeading: options end at the first word (what follows is a command's).
enum class Order { kMixed, kLeading };
Result<std::optional<std::vector<std::string>>> parse_verb(const VerbCall& call,
                                                           options::OptionTable table, void* target,
                                                           Arity arity,
                                                           Order order = Order::kMixed);

// --root and --state-root with their defaults.
Result<runtime::state::Roots> roots_of(const VerbCall& call);

// Does something with each of the containers that `words` name; prints the word after each success
// (Docker's habit) when `print` is set, and each error as it comes. The exit code: 0, or 1 when any
// failed.
Result<int> for_each_container(const VerbCall& call, const std::vector<std::string>& words,
                               bool print,
                               const std::function<Result<void>(const runtime::state::Roots& roots,
                                                                const std::string& id)>& act);

// The whole of `mycontainer --help`.
std::string program_help();

// Writes to standard output.
Result<void> say(std::string_view text);

// Writes to standard error. When not even that takes the text there is nobody left to tell.
void tell(std::string_view text);
// One line about something that is no failure: "mycontainer: stop: TEXT".
void warn(const VerbCall& call, std::string_view text);

}  // namespace mycontainer::cmd

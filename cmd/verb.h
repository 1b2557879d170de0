// A verb of the command line, and the table of all of them.
#pragma once

#include <span>
#include <string_view>

#include "cmd/options/global_options.h"
#include "cmd/options/option.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd {

struct VerbCall {
  const options::GlobalOptions& globals;
  options::Arguments arguments;  // what follows the verb
};

// `run` returns the process's exit code.
struct Verb {
  std::string_view group, name, help;
  Result<int> (*run)(const VerbCall& call);
};

std::span<const Verb> verbs();

// nullptr when there is none of that name.
const Verb* find_verb(std::string_view name);

// The error for a name that find_verb() does not know, with the nearest one as its hint.
Failure unknown_verb(std::string_view name);

Result<int> run_verb(const VerbCall& call);      // run.cpp
Result<int> version_verb(const VerbCall& call);  // version.cpp
Result<int> help_verb(const VerbCall& call);     // help.cpp
Result<int> oci_verb(const VerbCall& call);      // verb.cpp: never fails, it reports by itself

// The whole of `mycontainer --help`.
std::string program_help();

// Writes to standard output.
Result<void> say(std::string_view text);

// Writes to standard error. When not even that takes the text there is nobody left to tell.
void tell(std::string_view text);

}  // namespace mycontainer::cmd

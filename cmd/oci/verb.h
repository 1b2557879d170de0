// A verb of the OCI command line, and the table of all of them.
#pragma once

#include <span>
#include <string_view>

#include "cmd/options/option.h"
#include "reexec/sys/error.h"
#include "runtime/container/inherited.h"
#include "runtime/container/settings.h"

namespace mycontainer::cmd::oci {

// What this program was built from.
struct Build {
  std::string_view version, commit;
};

struct VerbCall {
  const Build& build;
  const runtime::container::Settings& settings;  // with defaults
  const runtime::container::Inherited& inherited;
  options::Arguments arguments;  // what follows the verb
};

struct Verb {
  std::string_view group, name, words, help;  // `words`: "[OPTIONS] CONTAINER"
  Result<int> (*run)(const VerbCall& call);   // the process's exit code
};

std::span<const Verb> verbs();

// nullptr when there is none of that name.
const Verb* find_verb(std::string_view name);

// The error for a name that find_verb() does not know, with the nearest one as its hint.
Failure unknown_verb(std::string_view name);

// The whole of `mycontainer oci --help`, and of `mycontainer oci VERB --help`.
std::string program_help();
Result<int> show_help(std::string_view verb, options::OptionTable table);

// Writes to standard output.
Result<void> say(std::string_view text);

Result<int> create_verb(const VerbCall& call);    // create.cpp
Result<int> run_verb(const VerbCall& call);       // create.cpp
Result<int> start_verb(const VerbCall& call);     // control.cpp
Result<int> kill_verb(const VerbCall& call);      // control.cpp
Result<int> delete_verb(const VerbCall& call);    // control.cpp
Result<int> pause_verb(const VerbCall& call);     // control.cpp
Result<int> resume_verb(const VerbCall& call);    // control.cpp
Result<int> update_verb(const VerbCall& call);    // control.cpp
Result<int> exec_verb(const VerbCall& call);      // exec.cpp
Result<int> state_verb(const VerbCall& call);     // state.cpp
Result<int> list_verb(const VerbCall& call);      // state.cpp
Result<int> ps_verb(const VerbCall& call);        // ps.cpp
Result<int> events_verb(const VerbCall& call);    // events.cpp
Result<int> spec_verb(const VerbCall& call);      // spec.cpp
Result<int> features_verb(const VerbCall& call);  // spec.cpp
Result<int> help_verb(const VerbCall& call);      // verb.cpp

}  // namespace mycontainer::cmd::oci

// Reads the spellings that Docker's users type (-it, -eK=V, -m=64m, --tty=false, --entrypoint=)
// into the one spelling that CLI11 reads without doubt. Pure.
//
// The grammar is that of Go's pflag with interspersed arguments off, because that is what docker
// has: options end at the first word that is none, or at "--"; all that follows belongs to the
// container.
#pragma once

#include <string>
#include <vector>

#include "cmd/options/option.h"

namespace mycontainer::cmd::options {

struct Spelling {
  std::vector<const Option*> used;  // each option that occurs, once
  std::vector<std::string> words;   // "--tty=false"; "--env", "K=V"
  std::size_t rest = 0;             // how many arguments were options, their values, or "--"
  bool ended = false;               // by "--"
};

// Fails on an option that the table does not have, with the nearest one as the hint. A value
// missing at the end is left for the parser to find.
Result<Spelling> spell(OptionTable table, Arguments arguments);

}  // namespace mycontainer::cmd::options

// Typed words to a filled structure, by CLI11 and a table of options. The only place that knows
// CLI11, whose exceptions end here.
#pragma once

#include <vector>

#include "cmd/options/option.h"

namespace mycontainer::cmd::options {

// Applies each option of `arguments` to `target`, in the order typed, until the first word that is
// no option. Returns the words from there on. Only the options that occur are built into a CLI11
// parser: with all of `run`'s the building would cost more than everything else before the clone.
Result<Arguments> parse(OptionTable table, void* target, Arguments arguments);

// The same for verbs whose options may stand among their words, as Docker's mostly may: `rm x -f`.
// "--" ends the options. Returns the words.
Result<std::vector<const char*>> parse_mixed(OptionTable table, void* target, Arguments arguments);

}  // namespace mycontainer::cmd::options

// One option of the command line as a row of a constexpr table: help prints the row, parsing
// applies it. Pure.
#pragma once

#include <span>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// What was typed after the program's name, or after the verb.
using Arguments = std::span<const char* const>;

// Puts one typed value into the structure that the table fills (RunDraft, GlobalOptions, ...).
using Apply = Result<void> (*)(void* target, std::string_view value);

// `value` is the word that help shows for the option's value, as Docker shows it ("string",
// "list"). Empty: a flag, which is applied with "true" or with what followed "=". In brackets
// ("[=file]"): the value may only be given with "=", and is "true" when it is not. Without `help`: one
// that help does not show.
struct Option {
  const char* name;
  char letter;  // the one-letter form, or 0
  const char* value;
  const char* help;
  Apply apply;

  [[nodiscard]] constexpr bool takes_value() const { return *value != '\0' && *value != '['; }
};

using OptionTable = std::span<const Option>;

template <class Target, Result<void> (*Function)(Target&, std::string_view)>
Result<void> apply_to(void* target, std::string_view value) {
  return Function(*static_cast<Target*>(target), value);
}

// "-e, --env", or "--name" when there is no letter: how messages name an option.
std::string display_name(const Option& option);

}  // namespace mycontainer::cmd::options

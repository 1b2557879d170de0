// Help as Docker's users know it: usage line, groups of verbs, options in two columns. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cmd/options/option.h"

namespace mycontainer::cmd::print {

// A line of a list in help: "run         Create and run a new container".
struct NamedHelp {
  std::string_view group, name, help;
};

// "Common Commands:" and so on, in the order in which the groups first occur.
std::string grouped_list(std::span<const NamedHelp> entries);

// One option a line, descriptions wrapped to 80 columns under each other.
std::string option_list(options::OptionTable table);

}  // namespace mycontainer::cmd::print

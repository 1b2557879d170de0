#include "cmd/options/option.h"

namespace mycontainer::cmd::options {

std::string display_name(const Option& option) {
  if (option.letter == 0) return fmt::format("--{}", option.name);
  return fmt::format("-{}, --{}", option.letter, option.name);
}

}  // namespace mycontainer::cmd::options

// The question before something is removed for good.
#pragma once

#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::cmd {

// Asks after `warning`, which ends its line. A line on standard input; anything but "y" is a no, and
// so is none.
Result<bool> is_confirmed(std::string_view warning);

}  // namespace mycontainer::cmd

// Names and numbers of signals, as users and images write them. Any process; pure.
#pragma once

#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::oci {

// "SIGTERM", "term", "15", "RTMIN+3", "RTMAX-3": 1 to SIGRTMAX.
Result<int> signal_number(std::string_view text);

}  // namespace mycontainer::runtime::oci

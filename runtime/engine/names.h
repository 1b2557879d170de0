// Fresh identifiers and names for containers. Parent side.
#pragma once

#include <cstddef>
#include <string>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::engine {

inline constexpr std::size_t kIdLength = 64;
inline constexpr std::size_t kShortIdLength = 12;

// 64 lower-case hexadecimal digits from getrandom(2). Its first 12 are never all decimal digits:
// they become the host name, and a host name that is a number is taken for an address.
Result<std::string> random_id();

// "quiet_otter": some 4,000 different ones, so the caller must expect a name to be taken.
Result<std::string> random_name();

}  // namespace mycontainer::runtime::engine

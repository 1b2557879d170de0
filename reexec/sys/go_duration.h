// Go's spelling of a span of time. Either side; pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::reexec::sys {

// In nanoseconds. "5s", "1m30s", "1.5h", "250ms": numbers with units (h, m, s, ms, us, ns), added
// up; "0" needs none.
Result<std::int64_t> parse_go_duration(std::string_view text);

}  // namespace mycontainer::reexec::sys

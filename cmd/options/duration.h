// Go's spelling of a span of time. Pure.
#pragma once

#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"

namespace mycontainer::cmd::options {

// "5s", "1m30s", "1.5h", "250ms": numbers with units (h, m, s, ms, us, ns), added up; "0" needs none.
Result<runtime::state::Nanoseconds> parse_duration(std::string_view text);

}  // namespace mycontainer::cmd::options

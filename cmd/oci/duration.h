// Go's spelling of a span of time. Pure.
#pragma once

#include <chrono>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::oci {

// "5s", "1m30s", "1.5h", "250ms": numbers with units (h, m, s, ms, us, ns), added up; more than 0,
// and not more than a year.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace mycontainer::cmd::oci

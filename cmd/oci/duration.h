// How long to wait between two events. Pure.
#pragma once

#include <chrono>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::oci {

// As options::parse_duration, but more than 0, and not more than a year.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace mycontainer::cmd::oci

// A time as Docker's documents have it. Pure.
#pragma once

#include <string>

#include "runtime/state/record.h"

namespace mycontainer::runtime::lifecycle {

// "2026-11-20T16:35:59.123456789Z", without zeros at the end (Go's RFC3339Nano). The time 0 is Go's:
// "0001-01-01T00:00:00Z".
std::string utc_time(state::Nanoseconds time);

}  // namespace mycontainer::runtime::lifecycle

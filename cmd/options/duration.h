// Go's spelling of a span of time, as options have it. Pure.
#pragma once

#include "reexec/sys/go_duration.h"
#include "runtime/state/record.h"

namespace mycontainer::cmd::options {

inline Result<runtime::state::Nanoseconds> parse_duration(std::string_view text) {
  return reexec::sys::parse_go_duration(text);
}

}  // namespace mycontainer::cmd::options

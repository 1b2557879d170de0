// The hidden entry "mycontainer-init": the child half of every start, PID 1 of the container.
#pragma once

#include <string_view>

#include "reexec/registry.h"

namespace mycontainer::runtime::init {

inline constexpr std::string_view kInitEntry = "mycontainer-init";

// Receives the plan, runs the steps, and becomes the user's program (or its reaper, with --init).
// Returns only after a failure, which has then been told to the parent (protocol.h).
int run_init(reexec::Invocation& invocation);

}  // namespace mycontainer::runtime::init

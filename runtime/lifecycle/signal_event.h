// That a signal was sent, for `events`. Any process.
#pragma once

#include <string>

#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// "SIGTERM", "SIGRTMIN+3", or the number of what has no name.
std::string signal_name(int signal);

void append_signal_event(const state::Roots& roots, const state::Record& record, int signal);

}  // namespace mycontainer::runtime::lifecycle

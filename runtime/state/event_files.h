// Where events lie. Private to runtime/state.
#pragma once

#include <string>

#include "runtime/state/roots.h"

namespace mycontainer::runtime::state {

inline std::string events_file(const Roots& roots) { return roots.state + "/events"; }
inline std::string previous_events_file(const Roots& roots) { return roots.state + "/events.1"; }

}  // namespace mycontainer::runtime::state

// Giving a container another name. Parent side.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Whether Docker would take it: [a-zA-Z0-9][a-zA-Z0-9_.-]+. Pure.
bool is_name(std::string_view name);

// The record decides what a container is called, and it is replaced at once: whoever is killed on
// the way leaves the old name or the new one. In any state but broken; a name that is taken is an
// error, and nothing is changed.
Result<void> rename(const state::Roots& roots, const std::string& id, const std::string& name);

}  // namespace mycontainer::runtime::lifecycle

// Removing a container's traces, shared by its supervisor and by the collector. Private to
// runtime/state; parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/live_container.h"

namespace mycontainer::runtime::state {

// Everything but the cgroup. The caller holds the lock of <state-root>/containers/<id>, which goes
// last: while it stands, a later command finds what is still left.
Result<void> remove_traces(const std::string& state_root, const Record& record,
                           const RemoveForeignTree& remove_foreign);

// Ends and removes the container `id` if its supervisor is gone. False: it lives.
Result<bool> collect_if_stale(const Roots& roots, const std::string& id,
                              const RemoveForeignTree& remove_foreign);

// The id of the container that has claimed `name`; empty when none has.
std::string owner_of_name(const std::string& state_root, const std::string& name);
// Lets go of a name that `id` has claimed; one that is another's is left alone. Atomic among all
// who release names.
void release_name(const std::string& state_root, const std::string& name, const std::string& id);

}  // namespace mycontainer::runtime::state

// Which containers mount which volumes, as their records say. Any process that manages containers.
//
// A container's record is on disk before its volumes can be removed under it: who makes one holds
// them until then (rootfs/volume/store.h).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::state {

// The ids of the containers by the names of the volumes that they mount, running or not. Of a broken
// container the configuration counts, if that is readable.
using VolumeUsers = std::map<std::string, std::vector<std::string>>;
Result<VolumeUsers> volume_users(const Roots& roots);
Result<std::vector<std::string>> users_of_volume(const Roots& roots, const std::string& name);

// What a container that is gone leaves: the anonymous volumes that no other container mounts. What
// cannot be removed is left for `volume prune`, with a line in the diagnostics.
void remove_anonymous_volumes(const Roots& roots, const Record& record,
                              const RemoveForeignTree& remove_foreign);

// The names of the anonymous volumes that the record names.
std::vector<std::string> anonymous_volumes(const Record& record);

// Removes the volume unless a container mounts it: "remove NAME: volume is in use - [ID, ID]".
Result<void> remove_unused_volume(const Roots& roots, const std::string& name,
                                  const RemoveForeignTree& remove_foreign);

}  // namespace mycontainer::runtime::state

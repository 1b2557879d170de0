// Whether the ids that a container's user has exist in its user namespace. Parent side; pure.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/engine/user_lookup.h"
#include "runtime/ids/id_maps.h"

namespace mycontainer::runtime::engine {

// Leaves out the groups that the image alone gives the user and that the namespace cannot express:
// with one mapped id root would otherwise be refused for being in "wheel".
void drop_unmapped_groups(ResolvedUser& user, const ids::IdMaps& maps);

// Whether every id of `user` exists in the namespace; otherwise an error that names the id and a
// hint with the limitation. Empty maps (no user namespace) map everything.
Result<void> check_mapped(const ResolvedUser& user, const ids::IdMaps& maps);

}  // namespace mycontainer::runtime::engine

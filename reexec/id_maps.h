// Writes the id maps of a child's new user namespace. Parent side.
#pragma once

#include <sys/types.h>

#include "reexec/attributes.h"
#include "reexec/sys/error.h"

namespace mycontainer::reexec {

// /proc/PID/setgroups, gid_map and uid_map of a child not yet reaped, in this order
// (user_namespaces(7)). A map that we may not write ourselves (EPERM) is written by
// newgidmap(1)/newuidmap(1) according to /etc/subgid and /etc/subuid.
Result<void> write_id_maps(pid_t child, const Attributes& wanted);

// Whether id 0 inside is mapped.
bool maps_zero(const std::vector<IdMap>& map);

}  // namespace mycontainer::reexec

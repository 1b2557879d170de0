// What a privileged parent prepares for a child in a new user namespace: the root and the binds.
// Parent side.
#pragma once

#include <sys/types.h>

#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/launch/plan.h"

namespace mycontainer::runtime::launch {

// Whether the parent has rights that the child, in a user namespace of its own, has not.
bool parent_prepares(const StartPlan& start);

// Root of the host may read what root of the container may not, so it makes the detached mounts:
// the overlay over lower layers whose owners are shifted by an idmapped mount (mount_setattr(2),
// Linux 5.19 for overlay layers), and the clones that binds and device nodes need. The plan's
// members then refer to the returned descriptors by index. Moves this process into a mount
// namespace of its own, because overlay layers must be attached somewhere: nothing shows on the
// host.
Result<std::vector<UniqueFd>> prepare_in_parent(const StartPlan& start, init::InitPlan& plan,
                                                pid_t child);

}  // namespace mycontainer::runtime::launch

// What a privileged parent prepares for its child: everything of the host that the container shows,
// when the child is in a user namespace; the binds whose ids are mapped, in any case. Parent side.
#pragma once

#include <sys/types.h>

#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/launch/plan.h"

namespace mycontainer::runtime::launch {

// Whether there is anything to prepare: the parent has rights that the child, in a user namespace,
// has not, or some mount has its ids mapped.
bool parent_prepares(const StartPlan& start, const init::InitPlan& plan);

// Root of the host may read what root of the container may not, so it makes the detached mounts:
// the root, and the clones that binds and device nodes need. Nothing is attached on the host. With
// root.shift_owners the root's owners are shifted by an idmapped mount (mount_setattr(2), Linux
// 5.12); an overlay's always are, layer by layer (Linux 5.19), for which this process moves into a
// mount namespace of its own, because overlay layers must be attached somewhere. The plan's members
// then refer to the returned descriptors by index. A limit that only the parent may raise is raised
// here, and the score of the OOM killer set.
Result<std::vector<UniqueFd>> prepare_in_parent(const StartPlan& start, init::InitPlan& plan,
                                                pid_t child);

}  // namespace mycontainer::runtime::launch

// First half of a mount: a detached one, visible nowhere yet. Run by the child in its own mount
// namespace, before the root is switched: sources are host paths, and a new proc or sysfs inside a
// user namespace is only allowed while a fully visible one is still mounted.
#pragma once

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/mount/plan.h"

namespace mycontainer::rootfs::mount {

// The mount that `plan` describes, with its attributes and propagation, not yet attached; closing
// the descriptor dissolves it. A kRemount plan has nothing to prepare: the result holds none.
// Filesystem: fsopen, one fsconfig per option (and source), create, fsmount. Bind: open_tree, and
// at most one mount_setattr (two when a tree's and the mount's own attributes differ).
Result<UniqueFd> prepare(const MountPlan& plan);

// The same for a bind whose source is already open (any descriptor of a file or directory, O_PATH
// too). It must belong to a mount of the caller's mount namespace (open_tree(2), EINVAL); a
// descriptor that is itself a detached mount is given to attach() directly instead.
Result<UniqueFd> prepare_bind(const MountPlan& plan, int source_fd);

}  // namespace mycontainer::rootfs::mount

// What a new tmpfs takes from the directory it is mounted on: its mode, as in runc and crun, and
// with the mount option tmpcopyup all that is in it.
// Private to rootfs/mount; run by the child.
#pragma once

#include "reexec/sys/error.h"
#include "rootfs/mount/plan.h"

namespace mycontainer::rootfs::mount {

// Copies the content of the directory `source` (O_PATH suffices) into the empty directory
// `destination`: directories, regular files, links, fifos and devices, with owner, mode and times.
// No link is followed and no mount below is entered. An entry whose kind cannot be made here (a
// device without the right to) is an error.
Result<void> copy_up(int source, int destination);

// The directory's own mode, and with tmpcopyup its owner, for `destination`; not what the mount's
// options say themselves (mode=, uid=, gid=).
Result<void> copy_attributes(const MountPlan& plan, int source, int destination);

}  // namespace mycontainer::rootfs::mount

// The mount option tmpcopyup: a new tmpfs starts with what the root filesystem had at its place.
// Private to rootfs/mount; run by the child.
#pragma once

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::mount {

// Copies the content of the directory `source` (O_PATH suffices) into the empty directory
// `destination`: directories, regular files, links, fifos and devices, with owner, mode and times,
// and the directory's own owner and mode. No link is followed and no mount below is entered. An
// entry whose kind cannot be made here (a device without the right to) is an error.
Result<void> copy_up(int source, int destination);

}  // namespace mycontainer::rootfs::mount

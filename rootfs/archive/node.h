// The metadata of a node that unpack() made. Private to rootfs/archive.
#pragma once

#include "reexec/sys/error.h"
#include "rootfs/archive/entry.h"
#include "rootfs/archive/unpack.h"

namespace mycontainer::rootfs::archive {

// Owner, mode, extended attributes and time, in the order in which none takes another away again.
// `fd` is the node itself, O_PATH too; a link has no mode and no attributes of its own.
Result<void> set_metadata(int fd, const Entry& entry, const UnpackOptions& options);

}  // namespace mycontainer::rootfs::archive

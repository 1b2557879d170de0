// What the process that unpacks a layer may no longer ask of the kernel (seccomp(2)). Child side;
// private to rootfs/layer.
#pragma once

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::layer {

// For good, and after the last mount. As root the process keeps CAP_SYS_ADMIN (overlay's own
// attributes are trusted.*) and CAP_MKNOD: whoever takes it over through a hole in a decoder could
// otherwise mount the host's disk. From here on mounting, namespaces, new processes and programs,
// sockets, file handles, tracing, modules and bpf(2) are EPERM, and a system call of another
// architecture's numbering ends the process. Needs no_new_privs or CAP_SYS_ADMIN.
Result<void> give_up_system_calls();

}  // namespace mycontainer::rootfs::layer

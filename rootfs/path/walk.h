// The user-space form of open_in_root, for kernels or outer seccomp filters without openat2(2).
// Either side may run it; call open_in_root instead, which falls back to this by itself.
#pragma once

#include <sys/types.h>

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::path {

// As open_in_root (open.h), one component at a time: each is opened O_PATH | O_NOFOLLOW relative to
// the directory before it, links are read and expanded below the root, and ".." goes back to a
// directory that was passed on the way, never to what the kernel's ".." has become meanwhile.
// At most 40 links (ELOOP). Any link on procfs outside its top directory, and any link on
// securityfs, counts as a magic link (ELOOP): stricter than the kernel for the few that are not.
Result<UniqueFd> open_in_root_walking(int rootfd, const std::string& path, int flags,
                                      mode_t mode = 0);

}  // namespace mycontainer::rootfs::path

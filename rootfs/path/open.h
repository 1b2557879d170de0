// Opening by path inside a root filesystem: the only way this project does it. Either side may run
// it.
//
// The root filesystem is hostile: every component may be a symbolic link, and may change while it
// is being looked at. Paths are therefore resolved against a descriptor of the root with
// openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS: absolute links and ".." stay below the root
// as after a chroot, and /proc/self/root and its like are refused with ELOOP. Where an outer
// seccomp filter hides openat2, walk.h does the same in user space.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::path {

// Opens `path` (absolute or relative, both start at `rootfd`; "/" is the root itself) with open(2)
// flags; O_CLOEXEC is added. `mode` counts only with O_CREAT or O_TMPFILE. Errors keep the errno
// of open(2); EAGAIN (a rename went on somewhere during a "..") is retried a bounded number of
// times.
Result<UniqueFd> open_in_root(int rootfd, const std::string& path, int flags, mode_t mode = 0);

// The target of the symbolic link `path`; its last component is not followed. EINVAL: not a link.
Result<std::string> readlink_in_root(int rootfd, const std::string& path);

// stat(2) of `path`; with `follow` false, lstat(2).
Result<struct stat> stat_in_root(int rootfd, const std::string& path, bool follow = true);

// The target of the symbolic link that `fd` (O_PATH | O_NOFOLLOW) is.
Result<std::string> readlink_fd(int fd);

}  // namespace mycontainer::rootfs::path

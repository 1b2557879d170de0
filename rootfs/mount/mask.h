// Hiding and freezing paths of the container's own /proc and /sys. Run by the child, after those
// are attached and before the user's program can run.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::mount {

// Covers each path (below `rootfd`, runtime-spec "maskedPaths"): a file with the null device
// `null_fd`, whose identity is checked once (CVE-2025-31133) and which must belong to a mount of
// the caller's mount namespace; a directory with an empty read-only tmpfs, one for all of them. A
// path that does not exist is passed over. About 15 microseconds a path.
Result<void> mask_paths(int rootfd, const std::vector<std::string>& paths, int null_fd);

// Makes each path (below `rootfd`, runtime-spec "readonlyPaths") a read-only mount of itself,
// recursively; its other attributes stay. A path that does not exist is passed over. Before kernel
// 5.12 through /proc/self/fd, and without the mounts below it.
Result<void> make_paths_readonly(int rootfd, const std::vector<std::string>& paths);

}  // namespace mycontainer::rootfs::mount

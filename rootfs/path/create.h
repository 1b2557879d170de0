// Making directories and mount targets inside a root filesystem. Either side may run it.
//
// Everything is created relative to a descriptor that was itself opened in the root, one component
// at a time, so that no race with the container can create anything outside (CVE-2024-45310,
// CVE-2026-41579). A dangling link is followed within the root, and what it names is created:
// images come with /var/run -> /run and no /run. New entries belong to the caller; `mode` is
// subject to the umask.
#pragma once

#include <sys/types.h>

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::path {

// mkdir -p. Returns an O_PATH descriptor of the last directory. One call when it exists already.
// ENOTDIR when something on the way is no directory.
Result<UniqueFd> make_directories_in_root(int rootfd, const std::string& path, mode_t mode = 0755);

// A descriptor of what a mount can be put upon (move_mount(2) with MOVE_MOUNT_T_EMPTY_PATH): the
// existing file or directory, or a new empty one (directories 0755, files 0644), parents included.
// An existing fifo, socket or device is a fit target for a file and is never opened for reading.
// ENOTDIR or EISDIR when what exists is of the other kind.
Result<UniqueFd> create_mount_target(int rootfd, const std::string& path, bool is_directory);

}  // namespace mycontainer::rootfs::path

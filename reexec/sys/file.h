// Whole small files and whole buffers, by descriptor first and path second. Either side may use it.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec::sys {

// openat(2) with O_CLOEXEC added. `dirfd` may be AT_FDCWD. Never used for a path inside a
// container's root filesystem: that is rootfs/path's work.
Result<UniqueFd> open_at(int dirfd, const std::string& path, int flags, mode_t mode = 0);

// Everything up to end of file, at most `limit` bytes (EFBIG beyond it).
Result<std::string> read_all(int fd, std::size_t limit = 16u << 20);
Result<std::string> read_file_at(int dirfd, const std::string& path, std::size_t limit = 16u << 20);

// The same of what must be a regular file: neither a symbolic link, which would lead elsewhere, nor a
// fifo or a device, which would make us wait.
Result<std::string> read_regular_at(int dirfd, const std::string& path,
                                    std::size_t limit = 16u << 20);

// Writes all of `bytes`, across short writes and EINTR.
Result<void> write_all(int fd, std::string_view bytes);

// One open, one write, one close: for files of /proc, /sys and cgroups, where a value is one
// write(2).
Result<void> write_file_at(int dirfd, const std::string& path, std::string_view bytes,
                           int flags = O_WRONLY, mode_t mode = 0);

// An unnamed file in memory holding `bytes`, positioned at its start and sealed against every
// change (memfd_create(2)).
Result<UniqueFd> sealed_memfd(const char* name, std::string_view bytes);

// The path the kernel can be given for an open descriptor: /proc/self/fd/N.
std::string fd_path(int fd);

// mkdir -p of a path of the host, following symbolic links; `mode` is subject to the umask.
Result<void> make_directories(const std::string& path, mode_t mode);

// Removes the directory `path` below `dirfd` and all it holds, without following symbolic links and
// without crossing into another filesystem. A missing directory is success.
Result<void> remove_tree_at(int dirfd, const std::string& path);

}  // namespace mycontainer::reexec::sys

namespace mycontainer {
namespace sys = reexec::sys;
}

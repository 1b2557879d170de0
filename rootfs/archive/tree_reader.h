// Reads what a directory tree holds, node by node, as members of an archive. Any process; the tree
// may be hostile and may change meanwhile.
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/archive/entry.h"
#include "rootfs/archive/tar_writer.h"

namespace mycontainer::rootfs::archive {

// Writes the node that `fd` (O_PATH | O_NOFOLLOW) is, and all below it, as `name`; with the name
// "." a directory's content stands at the top of the archive. Every node is opened by its name in
// an open directory, never followed when it is a link, and read through that descriptor: nothing
// that is renamed or exchanged meanwhile leads elsewhere. Fifos and devices are never opened.
// Left out: sockets (tar has none), what vanishes meanwhile, and all below a mount of a kernel
// filesystem. Two names of one file become a hard link. With kEmpty the same holds of every mount,
// and a file that is mounted upon is an empty one.
enum class Mounts : std::uint8_t { kWhole, kEmpty };
Result<void> pack(int fd, const std::string& name, TarWriter& out, Mounts mounts = Mounts::kWhole);

// What the kernel knows of the node `fd` (O_PATH); `path` is put into the result.
Result<Entry> read_node(int fd, const struct stat& status, std::string path);

// The regular file that `fd` (O_PATH) is, with this header and its bytes; holes stay holes.
Result<void> add_file(Entry entry, int fd, const struct stat& status, TarWriter& out);

// The extended attributes that an archive carries: user.*, file capabilities and ACLs.
bool is_archived_xattr(std::string_view name);

}  // namespace mycontainer::rootfs::archive

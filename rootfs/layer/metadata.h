// Owner, mode, extended attributes and time of the nodes of a layer's tree. Child side. With few
// calls: a new node belongs to root already and has its permissions from the call that made it.
#pragma once

#include <cstdint>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/archive/entry.h"

namespace mycontainer::rootfs::layer {

// A node by its name in an open directory, and open itself (not O_PATH) when `fd` is one.
struct NodePlace {
  int directory = -1;
  const char* name = nullptr;
  int fd = -1;
};

class Metadata {
 public:
  // Of a node that was made with the permissions of entry.mode, as root's, with the umask 0;
  // unless `fresh` is false: then its owner and mode are unknown. An owner that this user namespace
  // does not have becomes root, and the node loses its setuid and setgid bits with him.
  Result<void> set(const NodePlace& place, const archive::Entry& entry, bool fresh = true);

  // Nodes that became root's.
  [[nodiscard]] std::uint64_t squashed() const { return squashed_; }

 private:
  Result<bool> set_owner(const NodePlace& place, const archive::Entry& entry, bool fresh);

  std::uint64_t squashed_ = 0;
};

// An image must not forge what only overlayfs and we may say (overlay.opaque, overlay.redirect ...),
// nor what belongs to the host (security.selinux, trusted.*): user.*, file capabilities and ACLs.
Result<void> set_xattrs(const NodePlace& place, const archive::Entry& entry);

// Those of the entry within which the kernel takes them, and few enough; else an error.
Result<void> check_xattrs(const archive::Entry& entry);

}  // namespace mycontainer::rootfs::layer

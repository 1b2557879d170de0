// What a container has changed in its filesystem, as a layer: a tar stream with whiteouts (OCI
// image-spec layer.md). Any process that may read the upper directory of the overlay and what lies
// below it; the trees are hostile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/archive/tar_writer.h"
#include "rootfs/layer/changes.h"

namespace mycontainer::rootfs::layer {

struct DiffRequest {
  // `lower` -1: nothing lies below, and the layer has all of `upper` that is on its filesystem.
  Layers layers;
  // Where something was mounted ("/proc", "/etc/hosts"): an empty file or directory that stands
  // there and not below was made for the mount, and is no part of the layer; nor is its parent when it
  // holds nothing else.
  std::vector<std::string> mount_points;
  bool resets_times = false;  // all are 1970's: of a tree whose times mean nothing
};

// All that the upper directory has, sorted, with the numbers of owners as the container has them (in
// ACLs and file capabilities, too). A deleted file is ".wh.NAME", an opaque directory has
// ".wh..wh..opq" as its first entry; so files that are really called that are left out, and so are
// sockets and overlayfs' own attributes. Returns how many members there are.
Result<std::uint64_t> write_diff(const DiffRequest& request, archive::TarWriter& out);

// An ACL (the value of system.posix_acl_*) and file capabilities (of security.capability) with the
// numbers that the container has for their owners. What is not understood stays as it is. Pure.
std::string acl_seen_inside(std::string acl, const Layers& layers);
std::string capability_seen_inside(std::string capability, const Layers& layers);

}  // namespace mycontainer::rootfs::layer

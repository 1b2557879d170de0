// A node of a layer's tree. Private to rootfs/layer.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/layer/changes.h"

namespace mycontainer::rootfs::layer {

struct Node {
  UniqueFd fd;  // O_PATH; none: there is no such node
  struct stat status {};

  [[nodiscard]] bool exists() const { return fd.valid(); }
  [[nodiscard]] bool is_directory() const { return exists() && S_ISDIR(status.st_mode); }
};

// Of `directory` -1 nothing exists.
Result<Node> open_node(int directory, const std::string& name);

// Of the directory `fd` (O_PATH will do), sorted; none of -1.
Result<std::set<std::string>> names_in(int fd);

// An extended attribute of at most 64 bytes; empty when it is not there.
std::string attribute(const Node& node, const std::string& name);

std::uint32_t seen_inside(std::uint32_t id, const std::vector<IdShift>& shifts);

}  // namespace mycontainer::rootfs::layer

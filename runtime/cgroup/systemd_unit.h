// Names of systemd units for containers. Parent side; pure.
//
// Source: runc docs/systemd.md and crun(1) "--systemd-cgroup" (the form of linux.cgroupsPath),
// systemd.slice(5) (nesting by dashes).
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::cgroup {

struct SystemdUnit {
  std::string slice;  // "machine.slice"; for a unit that is a slice itself, its parent
  std::string name;   // "libpod-c1.scope"
  bool is_slice = false;
};

// "slice:prefix:name" -> {slice, "prefix-name.scope"}. An empty slice is system.slice, for an
// ordinary user user.slice; an empty prefix leaves out its dash; a name that ends in ".slice" is
// that slice unit. Fails on another number of colons, an empty name, and on what systemd would not
// take as a unit name.
Result<SystemdUnit> parse_systemd_path(std::string_view path, bool rootless);

// Where a slice lies below the manager's own cgroup: "a-b.slice" -> "/a.slice/a-b.slice",
// "-.slice" -> "".
Result<std::string> expand_slice(std::string_view slice);

}  // namespace mycontainer::runtime::cgroup

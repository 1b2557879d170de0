// What holds for every command of the OCI runtime, whatever container it is about.
#pragma once

#include <optional>
#include <string>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::container {

struct Settings {
  std::string root{};              // --root; empty: the default of who is running
  bool systemd_cgroup = false;     // --systemd-cgroup, --cgroup-manager systemd
  bool no_cgroup = false;          // --cgroup-manager disabled: it stays in the caller's
  std::optional<bool> rootless{};  // --rootless; absent: by who is running

  // Set by with_defaults: no rights in the initial user namespace.
  bool is_rootless = false;
};

// The default root is /run/mycontainer-oci, of an ordinary user $XDG_RUNTIME_DIR/mycontainer-oci or
// /tmp/mycontainer-oci-UID. Root of a user namespace counts as rootless.
Result<Settings> with_defaults(Settings settings);

}  // namespace mycontainer::runtime::container

// The configuration that `spec` writes for a new bundle, to be edited. Parent.
#pragma once

#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

// What `runc spec` writes, which tools that fill it in expect: a shell on a terminal in namespaces
// of its own, a read-only root at "rootfs", three capabilities. With `rootless` it is one that our
// own user can run: in a user namespace that maps it to root, with the host's network and /sys.
Spec default_spec(bool rootless);

}  // namespace mycontainer::runtime::oci

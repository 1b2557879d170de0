// Keeps the host's /dev/null out of the container. Child side: after the container's /dev is
// complete, before credentials are given up.
#pragma once

#include "reexec/sys/error.h"

namespace mycontainer::runtime::io {

// Replaces each of 0, 1 and 2 that is a /dev/null (1:3) by the container's own, which must be that
// device as well. Through an inherited one, the container's root could change the mode and owner of
// the host's node (fchmod(2)). `dev` is the container's /dev directory; only "null" is looked up.
Result<void> reopen_null_streams(int dev);

}  // namespace mycontainer::runtime::io

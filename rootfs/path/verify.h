// Is an opened file what its path promised? Asked right after an open inside a hostile root
// filesystem, before the descriptor is used as a mount source or written to (CVE-2025-31133,
// CVE-2025-52565, CVE-2025-52881). Either side may run it; every descriptor may be O_PATH.
#pragma once

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::path {

// The character device 1:3.
Result<void> verify_null_device(int fd);

// The character device 5:2, on a devpts filesystem.
Result<void> verify_ptmx(int fd);

}  // namespace mycontainer::rootfs::path

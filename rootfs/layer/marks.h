// How overlayfs writes down what is not there: whiteouts and opaque directories, in the forms of
// root's overlay (trusted.*) and an ordinary user's (user.*). Any process.
#pragma once

#include <sys/stat.h>

namespace mycontainer::rootfs::layer {

// `fd` may be O_PATH; `status` is its own.
bool is_whiteout(int fd, const struct stat& status);
// Nothing of the layers below shows through this directory.
bool is_opaque(int fd);

}  // namespace mycontainer::rootfs::layer

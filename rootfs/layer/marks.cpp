#include "rootfs/layer/marks.h"

#include <sys/xattr.h>

#include "reexec/sys/file.h"

namespace mycontainer::rootfs::layer {

bool is_whiteout(int fd, const struct stat& status) {
  if (S_ISCHR(status.st_mode)) return status.st_rdev == 0;
  if (!S_ISREG(status.st_mode) || status.st_size != 0) return false;
  const std::string path = sys::fd_path(fd);
  return ::getxattr(path.c_str(), "trusted.overlay.whiteout", nullptr, 0) >= 0 ||
         ::getxattr(path.c_str(), "user.overlay.whiteout", nullptr, 0) >= 0;
}

// "x" only says that whiteouts in the attribute's form may be inside.
bool is_opaque(int fd) {
  const std::string path = sys::fd_path(fd);
  for (const char* name : {"trusted.overlay.opaque", "user.overlay.opaque"}) {
    char value = 0;
    if (::getxattr(path.c_str(), name, &value, 1) == 1 && value == 'y') return true;
  }
  return false;
}

}  // namespace mycontainer::rootfs::layer

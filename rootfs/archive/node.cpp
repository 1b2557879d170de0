#include "rootfs/archive/node.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

#include "reexec/sys/file.h"
#include "rootfs/archive/tree_reader.h"

namespace mycontainer::rootfs::archive {

namespace {

constexpr mode_t kRightsOfOwner = S_ISUID | S_ISGID;

Result<void> set_owner(int fd, const Entry& entry, Owner owner) {
  if (owner == Owner::kCaller) return {};
  const uid_t uid = owner == Owner::kRoot ? 0 : entry.uid;
  const gid_t gid = owner == Owner::kRoot ? 0 : entry.gid;
  if (::fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0) return {};
  if (owner == Owner::kArchiveOrRoot && errno == EINVAL) {
    return set_owner(fd, entry, Owner::kRoot);
  }
  auto failure = fail_errno("change the owner of {} to {}:{}", entry.path, uid, gid);
  if (failure.value().code == EINVAL) {
    failure.value().hint = "that id is not mapped into the container's user namespace";
  }
  return failure;
}

// A filesystem that has no such attribute, or a caller that may not set it, is no failure.
void set_xattrs(const std::string& place, const Entry& entry, bool rights) {
  for (const auto& [name, value] : entry.xattrs) {
    if (!is_archived_xattr(name) || (!rights && !name.starts_with("user."))) continue;
    (void)::setxattr(place.c_str(), name.c_str(), value.data(), value.size(), 0);
  }
}

}  // namespace

Result<void> set_metadata(int fd, const Entry& entry, const UnpackOptions& options) {
  TRY_VOID(set_owner(fd, entry, options.owner));
  const std::array<timespec, 2> times = {entry.mtime, entry.mtime};
  if (entry.kind == Kind::kSymlink) {
    // Kernels before 5.8 cannot; a link's time is not worth a failure.
    (void)::utimensat(fd, "", times.data(), AT_EMPTY_PATH);
    return {};
  }
  const std::string place = sys::fd_path(fd);
  const mode_t mode = options.rights ? entry.mode : entry.mode & ~kRightsOfOwner;
  if (::chmod(place.c_str(), mode) < 0) return fail_errno("change the mode of {}", entry.path);
  set_xattrs(place, entry, options.rights);
  if (::utimensat(AT_FDCWD, place.c_str(), times.data(), 0) < 0) {
    return fail_errno("set the time of {}", entry.path);
  }
  return {};
}

}  // namespace mycontainer::rootfs::archive

#include "rootfs/layer/metadata.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

#include "rootfs/archive/tree_reader.h"

namespace mycontainer::rootfs::layer {

namespace {

using archive::Entry;
using archive::Kind;

constexpr mode_t kRightsOfOwner = S_ISUID | S_ISGID;
constexpr mode_t kSpecialBits = S_ISUID | S_ISGID | S_ISVTX;
constexpr std::size_t kMaxXattrs = 256;
constexpr std::size_t kMaxXattrBytes = 256 << 10;

int change_owner(const NodePlace& place, uid_t uid, gid_t gid) {
  if (place.fd >= 0) return ::fchown(place.fd, uid, gid);
  return ::fchownat(place.directory, place.name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int change_mode(const NodePlace& place, mode_t mode) {
  if (place.fd >= 0) return ::fchmod(place.fd, mode);
  return ::fchmodat(place.directory, place.name, mode, 0);  // never of a link
}

int change_time(const NodePlace& place, const timespec& time) {
  const bool valid = time.tv_nsec >= 0 && time.tv_nsec < 1'000'000'000;
  const timespec moment = {time.tv_sec, valid ? time.tv_nsec : 0};
  const std::array<timespec, 2> times = {moment, moment};
  if (place.fd >= 0) return ::futimens(place.fd, times.data());
  return ::utimensat(place.directory, place.name, times.data(), AT_SYMLINK_NOFOLLOW);
}

// By descriptor, or by name from the working directory, which nothing else uses.
int set_xattr(const NodePlace& place, const std::string& name, const std::string& value) {
  if (place.fd >= 0) return ::fsetxattr(place.fd, name.c_str(), value.data(), value.size(), 0);
  if (::fchdir(place.directory) < 0) return -1;
  return ::lsetxattr(place.name, name.c_str(), value.data(), value.size(), 0);
}

// A filesystem, or a kind of node, that cannot have it.
bool is_tolerable(int code) { return code == ENOTSUP || code == EPERM || code == EINVAL; }

}  // namespace

Result<void> check_xattrs(const Entry& entry) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : entry.xattrs) bytes += name.size() + value.size();
  if (entry.xattrs.size() > kMaxXattrs || bytes > kMaxXattrBytes) {
    return fail("{} extended attributes of {} bytes are more than a file can have",
                entry.xattrs.size(), bytes);
  }
  return {};
}

Result<void> set_xattrs(const NodePlace& place, const Entry& entry) {
  for (const auto& [name, value] : entry.xattrs) {
    if (!archive::is_archived_xattr(name)) continue;
    if (set_xattr(place, name, value) == 0 || is_tolerable(errno)) continue;
    return fail_errno("set the attribute {}", name.substr(0, XATTR_NAME_MAX));
  }
  return {};
}

// Whether it is the one that was wanted.
Result<bool> Metadata::set_owner(const NodePlace& place, const Entry& entry, bool fresh) {
  if (fresh && entry.uid == 0 && entry.gid == 0) return true;
  if (change_owner(place, entry.uid, entry.gid) == 0) return true;
  if (errno != EINVAL) return fail_errno("change the owner to {}:{}", entry.uid, entry.gid);
  ++squashed_;
  if (!fresh && change_owner(place, 0, 0) < 0) return fail_errno("change the owner to root");
  return false;
}

Result<void> Metadata::set(const NodePlace& place, const Entry& entry, bool fresh) {
  TRY(const bool own, set_owner(place, entry, fresh));
  const mode_t mode = own ? entry.mode : entry.mode & ~kRightsOfOwner;
  if (entry.kind != Kind::kSymlink) {
    const bool made_with_it = fresh && (mode & kSpecialBits) == 0;
    if (!made_with_it && change_mode(place, mode) < 0) return fail_errno("change the mode");
    if (!entry.xattrs.empty()) TRY_VOID(set_xattrs(place, entry));
  }
  if (change_time(place, entry.mtime) < 0) return fail_errno("set the time");
  return {};
}

}  // namespace mycontainer::rootfs::layer

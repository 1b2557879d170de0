#include "rootfs/archive/tree_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "reexec/sys/file.h"
#include "rootfs/archive/kernel_filesystem.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::archive {

namespace {

Kind kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return Kind::kDirectory;
    case S_IFLNK:
      return Kind::kSymlink;
    case S_IFIFO:
      return Kind::kFifo;
    case S_IFCHR:
      return Kind::kCharacterDevice;
    case S_IFBLK:
      return Kind::kBlockDevice;
    default:
      return Kind::kFile;
  }
}

std::string list_xattrs(const std::string& place) {
  std::string names(::listxattr(place.c_str(), nullptr, 0) > 0 ? XATTR_LIST_MAX : 0, '\0');
  if (names.empty()) return names;
  const ssize_t size = ::listxattr(place.c_str(), names.data(), names.size());
  names.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return names;
}

// What cannot be read (another user's, a filesystem without any) is as if it were not there.
std::map<std::string, std::string> read_xattrs(int fd) {
  std::map<std::string, std::string> xattrs;
  const std::string place = sys::fd_path(fd);
  const std::string names = list_xattrs(place);
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (!is_archived_xattr(name)) continue;
    std::string value(XATTR_SIZE_MAX, '\0');
    const ssize_t size = ::getxattr(place.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0) continue;
    value.resize(static_cast<std::size_t>(size));
    xattrs[name] = std::move(value);
  }
  return xattrs;
}

// Where a sparse file has bytes. One without holes gives none.
std::vector<Extent> extents_of(int fd, const struct stat& status) {
  std::vector<Extent> extents;
  if (status.st_blocks * 512 >= status.st_size) return extents;
  off_t at = 0;
  while (at < status.st_size) {
    const off_t data = ::lseek(fd, at, SEEK_DATA);
    if (data < 0 && errno != ENXIO) return {};  // a filesystem that does not tell
    if (data < 0 || data >= status.st_size) break;
    const off_t hole = ::lseek(fd, data, SEEK_HOLE);
    at = hole < 0 ? status.st_size : std::min(hole, status.st_size);
    extents.push_back({static_cast<std::uint64_t>(data), static_cast<std::uint64_t>(at - data)});
  }
  if (extents.empty()) extents.push_back({0, 0});
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (extents.front().length == size) extents.clear();
  return extents;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::vector<std::string> names_in(DIR* directory) {
  std::vector<std::string> names;
  while (const dirent* found = ::readdir(directory)) {
    const std::string_view name = static_cast<const char*>(found->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<std::vector<std::string>> list_directory(int fd, const std::string& path) {
  UniqueFd readable(::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return fail_errno("open {}", path);
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(readable.get()));
  if (!directory) return fail_errno("read {}", path);
  (void)readable.release();
  return names_in(directory.get());
}

class Packer {
 public:
  Packer(TarWriter& out, Mounts mounts) : out_(out), mounts_(mounts) {}
  Result<void> node(int fd, const struct stat& status, const std::string& path);

 private:
  Result<void> file(int fd, const struct stat& status, const std::string& path);
  Result<void> children(int fd, const struct stat& status, const std::string& path);
  // The name under which the archive has the file already; empty: it has not.
  std::string known_name(const struct stat& status, const std::string& path);

  TarWriter& out_;
  Mounts mounts_;
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;
};

std::string Packer::known_name(const struct stat& status, const std::string& path) {
  if (status.st_nlink < 2 || S_ISDIR(status.st_mode)) return {};
  const auto [at, is_new] = linked_.try_emplace({status.st_dev, status.st_ino}, path);
  return is_new ? std::string() : at->second;
}

Result<void> Packer::file(int fd, const struct stat& status, const std::string& path) {
  TRY(Entry entry, read_node(fd, status, path));
  return add_file(std::move(entry), fd, status, out_);
}

Result<void> Packer::children(int fd, const struct stat& status, const std::string& path) {
  TRY(const auto names, list_directory(fd, path));
  for (const std::string& name : names) {
    const UniqueFd child(::openat(fd, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!child && errno == ENOENT) continue;
    if (!child) return fail_errno("open {}/{}", path, name);
    struct stat found {};
    if (::fstat(child.get(), &found) < 0) return fail_errno("stat {}/{}", path, name);
    const bool kernels = found.st_dev != status.st_dev && on_kernel_filesystem(child.get());
    if (kernels && !S_ISDIR(found.st_mode)) continue;
    const bool left_out = mounts_ == Mounts::kEmpty && is_mount_root(child.get());
    if (left_out && !S_ISDIR(found.st_mode) && !S_ISREG(found.st_mode)) continue;
    if (left_out) found.st_size = 0;
    if (kernels || left_out) {
      TRY(const Entry empty, read_node(child.get(), found, path + "/" + name));
      TRY_VOID(out_.add(empty));
      continue;
    }
    TRY_VOID(node(child.get(), found, path + "/" + name));
  }
  return {};
}

Result<void> Packer::node(int fd, const struct stat& status, const std::string& path) {
  if (S_ISSOCK(status.st_mode)) return {};
  if (const std::string first = known_name(status, path); !first.empty()) {
    TRY(Entry link, read_node(fd, status, path));
    link.kind = Kind::kHardLink;
    link.target = first;
    return out_.add(link);
  }
  if (S_ISREG(status.st_mode)) {
    auto packed = file(fd, status, path);
    if (!packed) return within(path, std::move(packed).error());
    return {};
  }
  TRY(const Entry entry, read_node(fd, status, path));
  TRY_VOID(out_.add(entry));
  return S_ISDIR(status.st_mode) ? children(fd, status, path) : Result<void>();
}

}  // namespace

bool is_archived_xattr(std::string_view name) {
  return name.starts_with("user.")
             ? !name.starts_with("user.overlay.")
             : name == "security.capability" || name == "system.posix_acl_access" ||
                   name == "system.posix_acl_default";
}

Result<Entry> read_node(int fd, const struct stat& status, std::string path) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = kind_of(status.st_mode);
  entry.mode = status.st_mode & 07777;
  entry.uid = status.st_uid;
  entry.gid = status.st_gid;
  entry.mtime = status.st_mtim;
  entry.device = status.st_rdev;
  if (S_ISREG(status.st_mode)) entry.size = static_cast<std::uint64_t>(status.st_size);
  if (S_ISLNK(status.st_mode)) {
    TRY(entry.target, path::readlink_fd(fd));
  } else {
    entry.xattrs = read_xattrs(fd);
  }
  return entry;
}

Result<void> add_file(Entry entry, int fd, const struct stat& status, TarWriter& out) {
  if (status.st_size == 0) return out.add(entry);
  // The very file that was looked at; without O_NONBLOCK its owner could make us wait by a lease.
  TRY(const UniqueFd data, sys::open_at(AT_FDCWD, sys::fd_path(fd), O_RDONLY | O_NONBLOCK));
  entry.extents = extents_of(data.get(), status);
  return out.add(entry, data.get());
}

Result<void> pack(int fd, const std::string& name, TarWriter& out, Mounts mounts) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) return fail_errno("stat {}", name);
  if (S_ISDIR(status.st_mode) && on_kernel_filesystem(fd)) {
    TRY(const Entry empty, read_node(fd, status, name));
    return out.add(empty);
  }
  return Packer(out, mounts).node(fd, status, name);
}

}  // namespace mycontainer::rootfs::archive

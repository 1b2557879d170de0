#include "rootfs/layer/adopt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "rootfs/archive/tree_reader.h"
#include "rootfs/layer/metadata.h"

namespace mycontainer::rootfs::layer {

namespace {

using archive::Entry;

constexpr int kOpenDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::size_t kMaxValue = 64 << 10;

bool is_opaque(int fd) {
  char value = 0;
  return (::fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y') ||
         (::fgetxattr(fd, "user.overlay.opaque", &value, 1) == 1 && value == 'y');
}

struct Found {
  enum class What : std::uint8_t { kDirectory, kNothing, kHidden } what = What::kNothing;
  UniqueFd fd = {};
  bool opaque = false;  // it, or what it lies in
};

// A directory in one layer, by its own components: what hides it there is no directory, or lies
// above it and is opaque.
Found look_for(int layer, std::string_view path) {
  Found found;
  found.fd.reset(::openat(layer, ".", kOpenDirectory));
  while (found.fd && !path.empty() && path != ".") {
    found.opaque = found.opaque || is_opaque(found.fd.get());
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    UniqueFd next(::openat(found.fd.get(), name.c_str(), kOpenDirectory));
    if (!next && errno == ENOENT) {
      found.fd.reset();
      found.what = found.opaque ? Found::What::kHidden : Found::What::kNothing;
      return found;
    }
    found.fd = std::move(next);
  }
  found.what = found.fd ? Found::What::kDirectory : Found::What::kHidden;
  return found;
}

bool is_hidden_by_own_layer(int root, const std::string& path) {
  const Found own = look_for(root, path);
  return own.what != Found::What::kDirectory || own.opaque || is_opaque(own.fd.get());
}

void read_xattrs(int fd, Entry& entry) {
  std::string names(XATTR_LIST_MAX, '\0');
  const ssize_t size = ::flistxattr(fd, names.data(), names.size());
  names.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (!archive::is_archived_xattr(name)) continue;
    std::string value(kMaxValue, '\0');
    const ssize_t length = ::fgetxattr(fd, name.c_str(), value.data(), value.size());
    if (length < 0) continue;
    value.resize(static_cast<std::size_t>(length));
    entry.xattrs[name] = std::move(value);
  }
}

Result<void> copy_metadata(int from, int to) {
  struct stat status {};
  if (::fstat(from, &status) < 0) return fail_errno("stat");
  Entry entry;
  entry.kind = archive::Kind::kDirectory;
  entry.mode = status.st_mode & 07777;
  entry.uid = status.st_uid;
  entry.gid = status.st_gid;
  entry.mtime = status.st_mtim;
  read_xattrs(from, entry);
  Metadata metadata;
  return metadata.set({-1, nullptr, to}, entry, false);
}

}  // namespace

Adoption::Adoption(int root, const std::vector<std::string>& implied) : root_(root) {
  for (const std::string& path : implied) {
    if (!is_hidden_by_own_layer(root, path)) open_.push_back(path);
  }
}

Result<void> Adoption::from(int below) {
  std::vector<std::string> left;
  for (std::string& path : open_) {
    const Found found = look_for(below, path);
    if (found.what == Found::What::kNothing) left.push_back(std::move(path));
    if (found.what != Found::What::kDirectory) continue;
    const Found own = look_for(root_, path);
    if (own.what != Found::What::kDirectory) continue;
    auto copied = copy_metadata(found.fd.get(), own.fd.get());
    if (!copied) return within(path, std::move(copied).error());
  }
  open_ = std::move(left);
  return {};
}

}  // namespace mycontainer::rootfs::layer

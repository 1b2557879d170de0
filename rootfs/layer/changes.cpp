#include "rootfs/layer/changes.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string_view>

#include "reexec/sys/file.h"
#include "rootfs/layer/marks.h"

namespace mycontainer::rootfs::layer {

namespace {

struct Node {
  UniqueFd fd;  // O_PATH; none: there is no such node
  struct stat status {};

  [[nodiscard]] bool exists() const { return fd.valid(); }
  [[nodiscard]] bool is_directory() const { return exists() && S_ISDIR(status.st_mode); }
};

Result<Node> open_node(int directory, const std::string& name) {
  Node node;
  if (directory < 0) return node;
  node.fd.reset(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!node.exists() && errno == ENOENT) return node;
  if (!node.exists() || ::fstat(node.fd.get(), &node.status) < 0) {
    return fail_errno("look at {} in a layer", name);
  }
  return node;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

Result<std::set<std::string>> names_in(int fd) {
  std::set<std::string> names;
  if (fd < 0) return names;
  UniqueFd readable(::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return fail_errno("open a directory of a layer");
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(readable.get()));
  if (!directory) return fail_errno("read a directory of a layer");
  (void)readable.release();
  while (const dirent* found = ::readdir(directory.get())) {
    const std::string_view name = static_cast<const char*>(found->d_name);
    if (name != "." && name != "..") names.emplace(name);
  }
  return names;
}

std::string attribute(const Node& node, const std::string& name) {
  std::array<char, 64> value{};
  const ssize_t size =
      ::getxattr(sys::fd_path(node.fd.get()).c_str(), name.c_str(), value.data(), value.size());
  return size > 0 ? std::string(value.data(), static_cast<std::size_t>(size)) : std::string();
}

// A filesystem may know only seconds.
bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && (a.tv_nsec == b.tv_nsec || a.tv_nsec == 0 || b.tv_nsec == 0);
}

std::uint32_t seen_inside(std::uint32_t id, const std::vector<IdShift>& shifts) {
  for (const IdShift& shift : shifts) {
    if (id >= shift.outside && id - shift.outside < shift.count) {
      return shift.inside + (id - shift.outside);
    }
  }
  return id;
}

class Walk {
 public:
  explicit Walk(const Layers& layers) : layers_(layers) {}
  // `lower` -1: there is none. `hidden`: nothing of the lower directory shows through.
  Result<void> directory(int upper, int lower, const std::string& path, bool hidden);
  std::vector<Change> take() { return std::move(found_); }

 private:
  Result<void> one(const Node& upper, const Node& lower, const std::string& path, bool hidden);
  Result<void> deleted_below(int lower, const std::string& path, const std::set<std::string>& kept);
  [[nodiscard]] bool differs(const Node& upper, const Node& lower) const;
  void add(ChangeKind kind, const std::string& path) { found_.push_back({kind, path}); }

  const Layers& layers_;
  std::vector<Change> found_;
};

bool Walk::differs(const Node& upper, const Node& lower) const {
  const struct stat& a = upper.status;
  const struct stat& b = lower.status;
  if (a.st_mode != b.st_mode || seen_inside(a.st_uid, layers_.uids) != b.st_uid ||
      seen_inside(a.st_gid, layers_.gids) != b.st_gid) {
    return true;
  }
  // A directory's size and time say little: they change with its content.
  if (S_ISDIR(a.st_mode)) return false;
  if (a.st_rdev != b.st_rdev || a.st_size != b.st_size || !same_time(a.st_mtim, b.st_mtim)) {
    return true;
  }
  if (!S_ISREG(a.st_mode)) return false;
  return attribute(upper, "security.capability") != attribute(lower, "security.capability");
}

Result<void> Walk::deleted_below(int lower, const std::string& path,
                                 const std::set<std::string>& kept) {
  TRY(const auto names, names_in(lower));
  for (const std::string& name : names) {
    if (!kept.contains(name)) add(ChangeKind::kDeleted, path + "/" + name);
  }
  return {};
}

Result<void> Walk::one(const Node& upper, const Node& lower, const std::string& path, bool hidden) {
  if (is_whiteout(upper.fd.get(), upper.status)) {
    if (lower.exists()) add(ChangeKind::kDeleted, path);
    return {};
  }
  const std::size_t before = found_.size();
  if (upper.is_directory()) {
    const int below = lower.is_directory() ? lower.fd.get() : -1;
    TRY_VOID(directory(upper.fd.get(), below, path, hidden || is_opaque(upper.fd.get())));
  } else if (lower.is_directory()) {
    TRY_VOID(deleted_below(lower.fd.get(), path, {}));
  }
  if (!lower.exists()) {
    add(ChangeKind::kAdded, path);
  } else if (found_.size() > before || differs(upper, lower)) {
    add(ChangeKind::kModified, path);
  }
  return {};
}

Result<void> Walk::directory(int upper, int lower, const std::string& path, bool hidden) {
  TRY(const auto names, names_in(upper));
  for (const std::string& name : names) {
    TRY(const Node above, open_node(upper, name));
    if (!above.exists()) continue;  // the container has just removed it
    TRY(const Node below, open_node(lower, name));
    TRY_VOID(one(above, below, path + "/" + name, hidden));
  }
  return hidden ? deleted_below(lower, path, names) : Result<void>();
}

}  // namespace

Result<std::vector<Change>> changes(const Layers& layers) {
  Walk walk(layers);
  TRY_VOID(walk.directory(layers.upper, layers.lower, "", false));
  std::vector<Change> found = walk.take();
  std::ranges::sort(found, {}, &Change::path);
  return found;
}

}  // namespace mycontainer::rootfs::layer

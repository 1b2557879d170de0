#include "rootfs/layer/changes.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "rootfs/layer/marks.h"
#include "rootfs/layer/node.h"

namespace mycontainer::rootfs::layer {

namespace {

// A filesystem may know only seconds.
bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && (a.tv_nsec == b.tv_nsec || a.tv_nsec == 0 || b.tv_nsec == 0);
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

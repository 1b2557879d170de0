#include "rootfs/layer/directories.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "reexec/sys/file.h"
#include "rootfs/layer/member_name.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::layer {

namespace {

using archive::Entry;

constexpr int kOpenDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t kImpliedMode = 0755;
constexpr mode_t kModeOfMkdir = 01777;
constexpr const char* kDefaultAcl = "system.posix_acl_default";
constexpr std::size_t kMaxImpliedBytes = 8 << 20;

bool is_within(const std::string& path, const std::string& directory) {
  return directory.empty() || path == directory ||
         (path.starts_with(directory) && path[directory.size()] == '/');
}

std::string default_acl_of(int fd) {
  std::array<char, 4096> value{};
  const ssize_t size = ::fgetxattr(fd, kDefaultAcl, value.data(), value.size());
  return size > 0 ? std::string(value.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string shown(const std::string& path) { return path.empty() ? "." : path; }

}  // namespace

Result<bool> remove_node(int directory, const std::string& name) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("look at what is there");
  }
  if (S_ISDIR(status.st_mode)) {
    TRY_VOID(sys::remove_tree_at(directory, name));
    return false;
  }
  if (::unlinkat(directory, name.c_str(), 0) < 0) return fail_errno("replace what is there");
  return S_ISCHR(status.st_mode) && status.st_rdev == 0;
}

Result<void> Directories::open() {
  // What the store's directory would pass on is not the layer's.
  (void)::fremovexattr(root_, kDefaultAcl);
  if (::fchown(root_, 0, 0) < 0 || ::fchmod(root_, kImpliedMode) < 0) {
    return fail_errno("prepare the layer's root");
  }
  Frame root;
  TRY(root.fd, sys::open_at(root_, ".", O_RDONLY | O_DIRECTORY));
  root.fresh = true;
  stack_.push_back(std::move(root));
  return {};
}

Result<void> Directories::leave() {
  const Frame frame = std::move(stack_.back());
  stack_.pop_back();
  const NodePlace place{-1, nullptr, frame.fd.get()};
  if (frame.wanted) {
    auto set = metadata_.set(place, *frame.wanted, frame.fresh);
    if (!set) return within(shown(frame.path), std::move(set).error());
    return {};
  }
  if (frame.fresh) return {};
  if (frame.mode && ::fchmod(frame.fd.get(), *frame.mode) < 0) {
    return fail_errno("{}: change the mode", shown(frame.path));
  }
  const std::string& acl = frame.default_acl;
  if (!acl.empty() && ::fsetxattr(frame.fd.get(), kDefaultAcl, acl.data(), acl.size(), 0) < 0) {
    return fail_errno("{}: set the attribute {}", shown(frame.path), kDefaultAcl);
  }
  const std::array<timespec, 2> times = {frame.mtime, frame.mtime};
  (void)::futimens(frame.fd.get(), times.data());
  return {};
}

// While it is worked in, new nodes get neither its group nor its default ACL.
Result<void> Directories::push_existing(std::string path, UniqueFd fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return fail_errno("{}: stat", path);
  Frame frame{std::move(path), std::move(fd), false, {}, status.st_mtim, {}, {}};
  if ((status.st_mode & S_ISGID) != 0) {
    frame.mode = status.st_mode & 07777;
    if (::fchmod(frame.fd.get(), *frame.mode & ~mode_t{S_ISGID}) < 0) {
      return fail_errno("{}: change the mode", frame.path);
    }
  }
  frame.default_acl = default_acl_of(frame.fd.get());
  if (!frame.default_acl.empty()) (void)::fremovexattr(frame.fd.get(), kDefaultAcl);
  stack_.push_back(std::move(frame));
  return {};
}

Result<void> Directories::make(const std::string& path, const std::string& name, mode_t mode) {
  const int parent = stack_.back().fd.get();
  bool hides = false;
  while (::mkdirat(parent, name.c_str(), mode & kModeOfMkdir) < 0) {
    if (errno != EEXIST) return fail_errno("{}: mkdir", path);
    auto removed = remove_node(parent, name);
    if (!removed) return within(path, std::move(removed).error());
    hides = *removed;
  }
  UniqueFd fd(::openat(parent, name.c_str(), kOpenDirectory));
  if (!fd) return fail_errno("{}: open", path);
  if (hides) TRY_VOID(set_opaque(fd.get()));
  stack_.push_back({path, std::move(fd), true, {}, {}, {}, {}});
  return {};
}

Result<UniqueFd> Directories::open_through_link(const std::string& path) const {
  auto fd = path::open_in_root(root_, path, O_RDONLY | O_DIRECTORY);
  if (fd) return fd;
  Error error = std::move(fd).error();
  error.operation = path + ": follow the link to a directory of this layer";
  return Failure(std::move(error));
}

Result<void> Directories::descend(const std::string& path, const std::string& name) {
  const int parent = stack_.back().fd.get();
  UniqueFd fd(::openat(parent, name.c_str(), kOpenDirectory));
  if (fd) return push_existing(path, std::move(fd));
  if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) return fail_errno("{}: open", path);
  struct stat status {};
  if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISLNK(status.st_mode)) {
    TRY(UniqueFd target, open_through_link(path));
    return push_existing(path, std::move(target));
  }
  TRY_VOID(make(path, name, kImpliedMode));
  return add_implied(path);
}

Result<int> Directories::enter(const std::string& path) {
  while (!is_within(path, stack_.back().path)) TRY_VOID(leave());
  while (!is_open(path)) {
    const std::string& here = stack_.back().path;
    const std::size_t begin = here.empty() ? 0 : here.size() + 1;
    const std::size_t end = std::min(path.find('/', begin), path.size());
    TRY_VOID(descend(path.substr(0, end), path.substr(begin, end - begin)));
  }
  return stack_.back().fd.get();
}

Result<void> Directories::describe(const Entry& entry, const std::string& path) {
  if (path.empty()) {
    TRY_VOID(enter(""));
    root_described_ = true;
    stack_.back().fresh = false;  // the store made it
  } else if (!is_open(path)) {
    const SplitName split = split_name(path);
    TRY(const int parent, enter(split.parent));
    UniqueFd fd(::openat(parent, split.name.c_str(), kOpenDirectory));
    if (fd) {
      TRY_VOID(push_existing(path, std::move(fd)));
    } else {
      TRY_VOID(make(path, split.name, entry.mode));
    }
  } else {
    stack_.back().fresh = false;  // made with another mode
  }
  implied_.erase(path);
  stack_.back().wanted = entry;
  return {};
}

Result<void> Directories::set_opaque(int fd) const {
  const char* name = user_xattr_ ? "user.overlay.opaque" : "trusted.overlay.opaque";
  if (::fsetxattr(fd, name, "y", 1, 0) == 0) return {};
  return fail_errno("set the attribute {}", name);
}

Result<void> Directories::make_opaque(const std::string& path) {
  TRY(const int fd, enter(path));
  auto set = set_opaque(fd);
  if (!set) return within(shown(path), std::move(set).error());
  return {};
}

Result<void> Directories::add_implied(const std::string& path) {
  implied_bytes_ += path.size() + 1;
  if (implied_bytes_ > kMaxImpliedBytes) {
    return fail("more directories without a member of their own than {} bytes can name",
                kMaxImpliedBytes);
  }
  implied_.insert(path);
  return {};
}

Result<void> Directories::finish() {
  while (!stack_.empty()) TRY_VOID(leave());
  return {};
}

std::vector<std::string> Directories::take_implied() {
  std::vector<std::string> implied(implied_.begin(), implied_.end());
  if (!root_described_) implied.emplace_back(".");
  return implied;
}

}  // namespace mycontainer::rootfs::layer

#include "rootfs/path/walk.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <climits>
#include <optional>
#include <vector>

#include "rootfs/path/open.h"

namespace mycontainer::rootfs::path {

namespace {

constexpr int kMaxLinks = 40;      // MAXSYMLINKS of the kernel
constexpr int kRaceAttempts = 64;  // the last component may be swapped between two looks
constexpr ino_t kProcRootInode = 1;

class Walk {
 public:
  Walk(int rootfd, const std::string& path, int flags, mode_t mode)
      : rootfd_(rootfd), path_(path), rest_(path), flags_(flags | O_CLOEXEC), mode_(mode) {}

  Result<UniqueFd> run();

 private:
  [[nodiscard]] int top() const { return passed_.empty() ? rootfd_ : passed_.back().get(); }
  [[nodiscard]] Failure failure(int code) const {
    return fail_code(code, "open {} in the root filesystem", path_);
  }
  [[nodiscard]] bool wants(int flags) const { return (flags_ & flags) == flags; }
  std::string next_name();
  Result<void> enter(const std::string& name);
  Result<void> expand(int link);
  Result<bool> is_magic_link(int link) const;
  // The opened file, or nothing when the last component was a link that is now in rest_.
  Result<std::optional<UniqueFd>> finish(const std::string& name);
  Result<std::optional<UniqueFd>> finish_link(UniqueFd link);
  Result<UniqueFd> reopen_top() const;

  int rootfd_;
  const std::string& path_;
  std::string rest_;  // still to be resolved, from top()
  int flags_;
  mode_t mode_;
  int links_ = 0;
  std::vector<UniqueFd> passed_;  // the directories below the root, outermost first
};

std::string Walk::next_name() {
  rest_.erase(0, rest_.find_first_not_of('/'));
  std::string name = rest_.substr(0, rest_.find('/'));
  rest_.erase(0, name.size());
  return name;
}

Result<bool> Walk::is_magic_link(int link) const {
  struct statfs filesystem {};
  if (::fstatfs(link, &filesystem) < 0) return failure(errno);
  if (filesystem.f_type == SECURITYFS_MAGIC) return true;
  if (filesystem.f_type != PROC_SUPER_MAGIC) return false;
  struct stat parent {};
  if (::fstat(top(), &parent) < 0) return failure(errno);
  return parent.st_ino != kProcRootInode;
}

Result<void> Walk::expand(int link) {
  TRY(const bool magic, is_magic_link(link));
  if (magic || ++links_ > kMaxLinks) return failure(ELOOP);
  auto target = readlink_fd(link);
  if (!target) return failure(target.error().code);
  if (target->front() == '/') passed_.clear();
  rest_.insert(0, *target);
  return {};
}

Result<void> Walk::enter(const std::string& name) {
  UniqueFd fd(::openat(top(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return failure(errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return failure(errno);
  if (S_ISLNK(status.st_mode)) return expand(fd.get());
  if (!S_ISDIR(status.st_mode)) return failure(ENOTDIR);
  passed_.push_back(std::move(fd));
  return {};
}

Result<std::optional<UniqueFd>> Walk::finish_link(UniqueFd link) {
  if (wants(O_CREAT | O_EXCL)) return failure(EEXIST);
  if (!wants(O_NOFOLLOW)) {
    TRY_VOID(expand(link.get()));
    return std::nullopt;
  }
  if (wants(O_DIRECTORY)) return failure(ENOTDIR);
  if (!wants(O_PATH)) return failure(ELOOP);
  return link;
}

Result<std::optional<UniqueFd>> Walk::finish(const std::string& name) {
  for (int attempt = 0; attempt < kRaceAttempts; ++attempt) {
    UniqueFd seen(::openat(top(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!seen && (errno != ENOENT || !wants(O_CREAT))) return failure(errno);
    if (seen) {
      struct stat status {};
      if (::fstat(seen.get(), &status) < 0) return failure(errno);
      if (S_ISLNK(status.st_mode)) return finish_link(std::move(seen));
      if (wants(O_DIRECTORY) && !S_ISDIR(status.st_mode)) return failure(ENOTDIR);
      if (wants(O_PATH)) return seen;
    }
    UniqueFd fd(::openat(top(), name.c_str(), flags_ | O_NOFOLLOW, mode_));
    if (fd) return fd;
    const bool swapped = errno == ELOOP || (seen && errno == ENOENT);
    if (!swapped) return failure(errno);
  }
  return failure(EAGAIN);
}

Result<UniqueFd> Walk::reopen_top() const {
  UniqueFd fd(::openat(top(), ".", flags_, mode_));
  if (!fd) return failure(errno);
  return fd;
}

Result<UniqueFd> Walk::run() {
  if (path_.empty()) return failure(ENOENT);
  if (path_.size() >= PATH_MAX) return failure(ENAMETOOLONG);
  while (true) {
    const std::string name = next_name();
    if (name.empty()) return reopen_top();
    if (name == ".") continue;
    if (name == "..") {
      if (!passed_.empty()) passed_.pop_back();
      continue;
    }
    if (!rest_.empty()) {
      const bool last = rest_.find_first_not_of('/') == std::string::npos;
      if (last && wants(O_CREAT)) return failure(EISDIR);
      TRY_VOID(enter(name));
      continue;
    }
    TRY(std::optional<UniqueFd> fd, finish(name));
    if (fd) return std::move(*fd);
  }
}

}  // namespace

Result<UniqueFd> open_in_root_walking(int rootfd, const std::string& path, int flags, mode_t mode) {
  return Walk(rootfd, path, flags, mode).run();
}

}  // namespace mycontainer::rootfs::path

#include "rootfs/path/create.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "rootfs/path/open.h"

namespace mycontainer::rootfs::path {

namespace {

constexpr int kMaxLinks = 40;

// Where the link `target` found in directory `parent` leads, as a path from the root.
std::string follow(const std::string& parent, const std::string& target) {
  return target.front() == '/' ? target : parent + "/" + target;
}

Result<std::string> readlink_at(int dirfd, const std::string& name) {
  UniqueFd fd(::openat(dirfd, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return fail_errno("open {}", name);
  return readlink_fd(fd.get());
}

// Makes the directory `name` in `parent` if it is missing. ENOTDIR: something else, perhaps a link,
// has that name.
Result<UniqueFd> make_directory(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), mode) < 0 && errno != EEXIST) {
    return fail_errno("mkdir {}", name);
  }
  UniqueFd fd(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return fail_errno("open {}", name);
  return fd;
}

// Creates along one path, counting the dangling links that it follows.
class Maker {
 public:
  Maker(int rootfd, mode_t mode) : rootfd_(rootfd), mode_(mode) {}
  Result<UniqueFd> directories(const std::string& path);
  Result<UniqueFd> file(const std::string& path);

 private:
  Result<UniqueFd> deepest(const std::string& path, std::size_t& end) const;
  Result<UniqueFd> component(int parent, const std::string& parent_path, const std::string& name);

  int rootfd_;
  mode_t mode_;
  int links_ = 0;
};

Result<UniqueFd> Maker::component(int parent, const std::string& parent_path,
                                  const std::string& name) {
  auto made = make_directory(parent, name, mode_);
  if (made || made.error().code != ENOTDIR) return made;
  const auto target = readlink_at(parent, name);
  if (!target) return made;
  if (++links_ > kMaxLinks) return fail_code(ELOOP, "follow {}/{}", parent_path, name);
  return directories(follow(parent_path, *target));
}

// The deepest directory of `path` that exists; `end` becomes the length of its name in `path`. From
// the back, as mostly only the last one is missing.
Result<UniqueFd> Maker::deepest(const std::string& path, std::size_t& end) const {
  end = path.size();
  while (true) {
    auto fd = open_in_root(rootfd_, end == 0 ? "/" : path.substr(0, end), O_PATH | O_DIRECTORY);
    if (fd || fd.error().code != ENOENT || end == 0) return fd;
    const std::size_t name_end = path.find_last_not_of('/', end - 1);
    const std::size_t slash =
        name_end == std::string::npos ? name_end : path.find_last_of('/', name_end);
    end = slash == std::string::npos ? 0 : slash;
  }
}

Result<UniqueFd> Maker::directories(const std::string& path) {
  std::size_t end = 0;
  TRY(UniqueFd current, deepest(path, end));
  while (true) {
    const std::size_t begin = path.find_first_not_of('/', end);
    if (begin == std::string::npos) return current;
    const std::string parent_path = path.substr(0, begin);
    end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    if (name == "." || name == "..") {
      // The ".." of a descriptor is not ours to trust.
      TRY(current, open_in_root(rootfd_, path.substr(0, end), O_PATH | O_DIRECTORY));
    } else {
      TRY(current, component(current.get(), parent_path, name));
    }
  }
}

Result<UniqueFd> Maker::file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent_path = slash == std::string::npos ? "/" : path.substr(0, slash + 1);
  const std::string name = path.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") return fail_code(EISDIR, "create {}", path);
  TRY(UniqueFd parent, directories(parent_path));
  constexpr int kCreate = O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::openat(parent.get(), name.c_str(), kCreate, 0644));
  if (fd) return fd;
  if (errno != EEXIST) return fail_errno("create {}", path);
  // A dangling link; or somebody was faster, and then the next look finds what they made.
  const auto target = readlink_at(parent.get(), name);
  if (++links_ > kMaxLinks) return fail_code(ELOOP, "follow {}", path);
  if (target) return file(follow(parent_path, *target));
  return open_in_root(rootfd_, path, O_PATH);
}

Result<void> require_kind(int fd, bool is_directory, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) return fail_errno("stat {}", path);
  if (S_ISDIR(status.st_mode) == is_directory) return {};
  return fail_code(is_directory ? ENOTDIR : EISDIR, "mount upon {}", path);
}

std::string without_trailing_slashes(const std::string& path) {
  return path.substr(0, path.find_last_not_of('/') + 1);
}

}  // namespace

Result<UniqueFd> make_directories_in_root(int rootfd, const std::string& path, mode_t mode) {
  if (path.empty()) return fail_code(ENOENT, "make a directory without a name");
  auto made = Maker(rootfd, mode).directories(path);
  if (!made) return within("make directory " + path, std::move(made).error());
  return made;
}

Result<UniqueFd> create_mount_target(int rootfd, const std::string& path, bool is_directory) {
  if (is_directory) return make_directories_in_root(rootfd, path);
  const std::string name = without_trailing_slashes(path);
  auto target = open_in_root(rootfd, name, O_PATH);
  if (!target && target.error().code == ENOENT && !name.empty()) {
    target = Maker(rootfd, 0755).file(name);
  }
  if (!target) return within("make mount target " + path, std::move(target).error());
  TRY_VOID(require_kind(target->get(), false, path));
  return target;
}

}  // namespace mycontainer::rootfs::path

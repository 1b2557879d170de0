#include "runtime/lifecycle/local_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <memory>

#include "reexec/sys/file.h"
#include "rootfs/path/open.h"

namespace mycontainer::runtime::lifecycle {

namespace {

constexpr int kMaxLinks = 40;
constexpr int kPipeSize = 1 << 20;

Result<std::string> working_directory() {
  const std::unique_ptr<char, decltype(&std::free)> path(::getcwd(nullptr, 0), std::free);
  if (!path) return fail_errno("find the working directory");
  return std::string(path.get());
}

// A link that leads to nothing (yet): where to.
Result<std::string> end_of_links(std::string path) {
  for (int links = 0; links < kMaxLinks; ++links) {
    const UniqueFd fd(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd && errno == ENOENT) return path;
    if (!fd) return fail_errno("open {}", path);
    const auto target = rootfs::path::readlink_fd(fd.get());
    if (!target) return path;
    path = follow_link(path, *target);
  }
  return fail_code(ELOOP, "open {}", path);
}

Result<void> check_kind(const std::string& typed, mode_t mode) {
  if (!S_ISCHR(mode) && !S_ISBLK(mode)) return {};
  return fail("invalid output path: \"{}\" must be a directory or a regular file: got a device",
              typed);
}

}  // namespace

Result<std::string> absolute_path(const std::string& typed) {
  if (typed.starts_with('/')) return typed;
  TRY(const std::string here, working_directory());
  return here + "/" + typed;
}

Result<LocalSource> open_local_source(const std::string& typed, bool follow_link) {
  TRY(const std::string path, absolute_path(typed));
  const int follow = follow_link || names_directory(typed) ? 0 : O_NOFOLLOW;
  LocalSource local;
  TRY(local.node, sys::open_at(AT_FDCWD, path, O_PATH | follow));
  struct stat status {};
  if (::fstat(local.node.get(), &status) < 0) return fail_errno("stat {}", path);
  local.source.is_directory = S_ISDIR(status.st_mode);
  local.source.name = names_content(path) ? "." : name_of_path(clean_path(path));
  return local;
}

Result<CopyTarget> look_at_local_target(const std::string& typed) {
  TRY(const std::string path, absolute_path(typed));
  CopyTarget target{clean_path(path), false, false, names_directory(typed)};
  struct stat status {};
  if (::stat(target.path.c_str(), &status) < 0) {
    if (errno != ENOENT) return fail_errno("stat {}", path);
    TRY(target.path, end_of_links(target.path));
    const std::string parent = parent_of(target.path);
    if (::stat(parent.c_str(), &status) == 0) return target;
    return fail("invalid output path: directory \"{}\" does not exist", parent);
  }
  TRY_VOID(check_kind(typed, status.st_mode));
  target.exists = true;
  target.is_directory = S_ISDIR(status.st_mode);
  // A link to a file: the file it leads to is overwritten, not the link.
  if (!target.is_directory) {
    TRY(target.path, end_of_links(target.path));
  }
  return target;
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return fail_errno("make a pipe");
  // Fewer turns between the two processes; a kernel that refuses has its reasons.
  (void)::fcntl(ends[1], F_SETPIPE_SZ, kPipeSize);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace mycontainer::runtime::lifecycle

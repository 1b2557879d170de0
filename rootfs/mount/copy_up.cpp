#include "rootfs/mount/copy_up.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "reexec/sys/file.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::mount {

namespace {

constexpr mode_t kModeBits = 07777;
constexpr int kMaxDepth = 256;  // one open directory stream a level

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Result<void> copy_bytes(int source, int destination) {
  while (true) {
    const ssize_t count = ::sendfile(destination, source, nullptr, 1u << 24);
    if (count == 0) return {};
    if (count < 0 && errno != EINTR) return fail_errno("copy");
  }
}

// Owner before mode: a change of owner drops the set-user-id bit.
Result<void> copy_metadata(int fd, const struct stat& status) {
  if (::fchown(fd, status.st_uid, status.st_gid) < 0) return fail_errno("chown");
  if (::fchmod(fd, status.st_mode & kModeBits) < 0) return fail_errno("chmod");
  const std::array times = {status.st_atim, status.st_mtim};
  if (::futimens(fd, times.data()) < 0) return fail_errno("set times");
  return {};
}

// One directory of the source and its counterpart.
struct Pair {
  int source, destination;
  int depth;
  dev_t device;
};

Result<void> copy_tree(const Pair& pair);

Result<void> copy_file(const Pair& pair, const char* name, const struct stat& status) {
  // The entry may have been swapped since the look: a fifo must not block us.
  constexpr int kRead = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  TRY(UniqueFd source, sys::open_at(pair.source, name, kRead));
  constexpr int kCreate = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  TRY(UniqueFd destination, sys::open_at(pair.destination, name, kCreate, 0600));
  TRY_VOID(copy_bytes(source.get(), destination.get()));
  return copy_metadata(destination.get(), status);
}

Result<void> copy_directory(const Pair& pair, const char* name, const struct stat& status) {
  if (pair.depth >= kMaxDepth) return fail_code(ELOOP, "copy {}", name);
  if (::mkdirat(pair.destination, name, 0700) < 0) return fail_errno("mkdir {}", name);
  constexpr int kOpen = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  TRY(UniqueFd source, sys::open_at(pair.source, name, kOpen));
  TRY(UniqueFd destination, sys::open_at(pair.destination, name, kOpen));
  // What is mounted there stays an empty directory.
  if (status.st_dev == pair.device) {
    TRY_VOID(copy_tree({source.get(), destination.get(), pair.depth + 1, pair.device}));
  }
  return copy_metadata(destination.get(), status);
}

Result<void> copy_link(const Pair& pair, const char* name, const struct stat& status) {
  TRY(UniqueFd link, sys::open_at(pair.source, name, O_PATH | O_NOFOLLOW));
  TRY(const std::string target, path::readlink_fd(link.get()));
  if (::symlinkat(target.c_str(), pair.destination, name) < 0) return fail_errno("link {}", name);
  if (::fchownat(pair.destination, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("chown {}", name);
  }
  return {};
}

Result<void> copy_node(const Pair& pair, const char* name, const struct stat& status) {
  if (S_ISSOCK(status.st_mode)) return {};  // nobody listens on the copy
  if (::mknodat(pair.destination, name, status.st_mode, status.st_rdev) < 0) {
    return fail_errno("mknod {}", name);
  }
  if (::fchownat(pair.destination, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("chown {}", name);
  }
  return {};
}

Result<void> copy_entry(const Pair& pair, const char* name) {
  struct stat status {};
  if (::fstatat(pair.source, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("stat {}", name);
  }
  if (S_ISDIR(status.st_mode)) return copy_directory(pair, name, status);
  if (S_ISREG(status.st_mode)) return copy_file(pair, name, status);
  if (S_ISLNK(status.st_mode)) return copy_link(pair, name, status);
  return copy_node(pair, name, status);
}

Result<void> copy_tree(const Pair& pair) {
  const int duplicate = ::fcntl(pair.source, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return fail_errno("dup");
  const Directory stream(::fdopendir(duplicate), ::closedir);
  if (!stream) return fail_errno("fdopendir");
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    TRY_VOID(copy_entry(pair, entry->d_name));
  }
  return {};
}

}  // namespace

Result<void> copy_up(int source, int destination) {
  TRY(UniqueFd from, sys::open_at(source, ".", O_RDONLY | O_DIRECTORY));
  TRY(UniqueFd to, sys::open_at(destination, ".", O_RDONLY | O_DIRECTORY));
  struct stat status {};
  if (::fstat(from.get(), &status) < 0) return fail_errno("stat");
  auto copied = copy_tree({from.get(), to.get(), 0, status.st_dev});
  if (!copied) return within("tmpcopyup", std::move(copied).error());
  return {};
}

Result<void> copy_attributes(const MountPlan& plan, int source, int destination) {
  TRY(UniqueFd to, sys::open_at(destination, ".", O_RDONLY | O_DIRECTORY));
  struct stat status {};
  if (::fstat(source, &status) < 0) return fail_errno("stat");
  if (plan.copy_up && !has_data(plan, "uid=") && !has_data(plan, "gid=")) {
    if (::fchown(to.get(), status.st_uid, status.st_gid) < 0) return fail_errno("chown");
  }
  if (has_data(plan, "mode=")) return {};
  if (::fchmod(to.get(), status.st_mode & kModeBits) < 0) return fail_errno("chmod");
  return {};
}

}  // namespace mycontainer::rootfs::mount

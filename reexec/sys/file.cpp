#include "reexec/sys/file.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace mycontainer::reexec::sys {

Result<UniqueFd> open_at(int dirfd, const std::string& path, int flags, mode_t mode) {
  const int fd = ::openat(dirfd, path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return fail_errno("open {}", path);
  return UniqueFd(fd);
}

Result<std::string> read_all(int fd, std::size_t limit) {
  std::string text;
  std::array<char, 8192> buffer;
  while (true) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read");
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > limit) return fail_code(EFBIG, "read more than {} bytes", limit);
  }
}

Result<std::string> read_file_at(int dirfd, const std::string& path, std::size_t limit) {
  TRY(UniqueFd fd, open_at(dirfd, path, O_RDONLY));
  auto text = read_all(fd.get(), limit);
  if (!text) return within(path, std::move(text).error());
  return text;
}

Result<std::string> read_regular_at(int dirfd, const std::string& path, std::size_t limit) {
  TRY(UniqueFd fd, open_at(dirfd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return fail_errno("stat {}", path);
  if (!S_ISREG(status.st_mode)) return fail("{}: not a regular file", path);
  auto text = read_all(fd.get(), limit);
  if (!text) return within(path, std::move(text).error());
  return text;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> write_file_at(int dirfd, const std::string& path, std::string_view bytes, int flags,
                           mode_t mode) {
  TRY(UniqueFd fd, open_at(dirfd, path, flags, mode));
  const ssize_t count = ::write(fd.get(), bytes.data(), bytes.size());
  if (count < 0) return fail_errno("write \"{}\" to {}", bytes.substr(0, 64), path);
  if (static_cast<std::size_t>(count) != bytes.size()) {
    return within(path, Error{"short write", ENOSPC, {}, 0});
  }
  return {};
}

Result<UniqueFd> sealed_memfd(const char* name, std::string_view bytes) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return fail_errno("memfd_create {}", name);
  TRY_VOID(write_all(fd.get(), bytes));
  if (::lseek(fd.get(), 0, SEEK_SET) < 0) return fail_errno("lseek {}", name);
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) < 0) return fail_errno("seal {}", name);
  return fd;
}

Result<void> make_directories(const std::string& path, mode_t mode) {
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string prefix = path.substr(0, end);
    if (::mkdir(prefix.c_str(), mode) < 0 && errno != EEXIST) return fail_errno("mkdir {}", prefix);
  }
  return {};
}

std::string fd_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

namespace {

// Whoever made the tree says how deep it is; of our descriptors and our stack it gets only so much.
constexpr int kMaxDepth = 128;

struct Removal {
  int top;  // what lies too deep is moved there, and removed from there
  dev_t device;
  std::uint64_t moved = 0;
};

Result<void> remove_contents(int directory, Removal& removal, int depth);

// The owner of a directory may always give himself the permission to empty it; overlayfs leaves one
// with no permission at all (work/work), and so may a container.
void permit(int directory) { (void)::chmod(fd_path(directory).c_str(), 0700); }

UniqueFd open_to_empty(int parent, const char* name) {
  constexpr int kFlags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd child(::openat(parent, name, O_RDONLY | kFlags));
  if (child || errno != EACCES) return child;
  const UniqueFd place(::openat(parent, name, O_PATH | kFlags));
  if (place) permit(place.get());
  child.reset(::openat(parent, name, O_RDONLY | kFlags));
  return child;
}

Result<void> move_to_top(int parent, const char* name, int child, Removal& removal) {
  permit(child);  // its ".." changes
  while (true) {
    const std::string free = fmt::format(".deep-{}", removal.moved++);
    if (::renameat2(parent, name, removal.top, free.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EEXIST) return fail_errno("move {}", name);
  }
}

Result<void> empty_directory(int directory, Removal& removal, int depth) {
  auto emptied = remove_contents(directory, removal, depth);
  if (emptied || emptied.error().code != EACCES) return emptied;
  permit(directory);
  if (::lseek(directory, 0, SEEK_SET) < 0) return emptied;
  return remove_contents(directory, removal, depth);
}

// A directory goes at once when it is empty, which most are; its contents are looked at only
// otherwise.
Result<void> remove_directory(int parent, const char* name, Removal& removal, int depth) {
  if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return fail_errno("rmdir {}", name);
  const UniqueFd child = open_to_empty(parent, name);
  if (!child) return fail_errno("open {}", name);
  if (depth >= kMaxDepth) return move_to_top(parent, name, child.get(), removal);
  TRY_VOID(empty_directory(child.get(), removal, depth));
  if (::unlinkat(parent, name, AT_REMOVEDIR) < 0) return fail_errno("rmdir {}", name);
  return {};
}

// Until nothing more is moved to it.
Result<void> remove_top(int parent, const char* name, dev_t device) {
  if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return fail_errno("rmdir {}", name);
  const UniqueFd top = open_to_empty(parent, name);
  if (!top) return fail_errno("open {}", name);
  Removal removal{top.get(), device};
  while (true) {
    const std::uint64_t before = removal.moved;
    TRY_VOID(empty_directory(top.get(), removal, 1));
    if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) return {};
    if (removal.moved == before) return fail_errno("rmdir {}", name);
    if (::lseek(top.get(), 0, SEEK_SET) < 0) return fail_errno("read {}", name);
  }
}

Result<void> remove_entry(int parent, const dirent64& entry, Removal& removal, int depth) {
  const std::string_view name = entry.d_name;
  if (name == "." || name == "..") return {};
  if (entry.d_type != DT_DIR) {
    if (::unlinkat(parent, entry.d_name, 0) == 0) return {};
    // Filesystems may leave the type out; then the kernel says that it is a directory.
    if (errno != EISDIR && errno != EPERM) return fail_errno("unlink {}", name);
  }
  return remove_directory(parent, entry.d_name, removal, depth + 1);
}

// By getdents64(2) itself: readdir(3) would add an allocation and three calls for every directory.
Result<void> remove_contents(int directory, Removal& removal, int depth) {
  struct stat status {};
  if (::fstat(directory, &status) < 0) return fail_errno("stat");
  if (status.st_dev != removal.device) return fail_code(EXDEV, "remove what is mounted below");
  alignas(dirent64) std::array<char, 4096> buffer;
  while (true) {
    const ssize_t filled = ::getdents64(directory, buffer.data(), buffer.size());
    if (filled < 0) return fail_errno("getdents64");
    if (filled == 0) return {};
    for (ssize_t at = 0; at < filled;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      TRY_VOID(remove_entry(directory, *entry, removal, depth));
    }
  }
}

}  // namespace

Result<void> remove_tree_at(int dirfd, const std::string& path) {
  struct stat status {};
  if (::fstatat(dirfd, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) return {};
    return fail_errno("stat {}", path);
  }
  auto removed = remove_top(dirfd, path.c_str(), status.st_dev);
  if (!removed && removed.error().code == ENOENT) return {};  // somebody else was quicker
  if (!removed) return within("remove " + path, std::move(removed).error());
  return {};
}

}  // namespace mycontainer::reexec::sys

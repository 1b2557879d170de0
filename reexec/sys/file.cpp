#include "reexec/sys/file.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>

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

std::string fd_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

namespace {

Result<void> remove_entries(UniqueFd directory, dev_t device) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(directory.get()), ::closedir);
  if (!stream) return fail_errno("fdopendir");
  const int fd = directory.release();  // closed by closedir
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (::unlinkat(fd, entry->d_name, 0) == 0) continue;
    if (errno != EISDIR && errno != EPERM) return fail_errno("unlink {}", name);
    UniqueFd child(::openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child) return fail_errno("open {}", name);
    struct stat status {};
    if (::fstat(child.get(), &status) < 0) return fail_errno("stat {}", name);
    if (status.st_dev != device) return fail_code(EXDEV, "remove {}", name);
    TRY_VOID(remove_entries(std::move(child), device));
    if (::unlinkat(fd, entry->d_name, AT_REMOVEDIR) < 0) return fail_errno("rmdir {}", name);
  }
  return {};
}

}  // namespace

Result<void> remove_tree_at(int dirfd, const std::string& path) {
  // An empty directory, the usual case after a short run, costs one call.
  if (::unlinkat(dirfd, path.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return fail_errno("rmdir {}", path);
  TRY(UniqueFd directory, open_at(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  struct stat status {};
  if (::fstat(directory.get(), &status) < 0) return fail_errno("stat {}", path);
  auto removed = remove_entries(std::move(directory), status.st_dev);
  if (!removed) return within("remove " + path, std::move(removed).error());
  if (::unlinkat(dirfd, path.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT) {
    return fail_errno("rmdir {}", path);
  }
  return {};
}

}  // namespace mycontainer::reexec::sys

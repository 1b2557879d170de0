#include "reexec/sealed_self.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <optional>

#include "reexec/sys/file.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U  // Linux 6.3
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020  // Linux 6.3
#endif

namespace mycontainer::reexec {

namespace {

constexpr const char* kSelf = "/proc/self/exe";

bool is_sealed_memory(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_WRITE) != 0;
}

// Filesystems without any way to write. (A filesystem that is only mounted read-only would not do:
// the container may know another mount of it.)
bool is_read_only_format(int fd) {
  struct statfs filesystem {};
  if (::fstatfs(fd, &filesystem) < 0) return false;
  constexpr std::array<unsigned long, 4> kFormats{0x73717368, 0xe0f5e1e2, 0x9660, 0x28cd3d45};
  for (const unsigned long format : kFormats) {  // squashfs, erofs, iso9660, cramfs
    if (static_cast<unsigned long>(filesystem.f_type) == format) return true;
  }
  return false;
}

// Root's file that nobody else may write, while we are an ordinary user, who can map neither root
// nor the right to chmod it.
bool is_out_of_reach(const struct stat& file) {
  return ::geteuid() != 0 && file.st_uid == 0 && (file.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_size == other.st_size &&
         one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

// An overlay of two lower layers has no upper one: there is no way to write through it, and unlike
// a read-only bind mount no flag to clear.
UniqueFd lower_only_overlay(const std::string& lower) {
  UniqueFd context(::fsopen("overlay", FSOPEN_CLOEXEC));
  if (!context) return {};
  const int fd = context.get();
  // xino=off: st_ino stays the lower file's, which same_file() compares.
  if (::fsconfig(fd, FSCONFIG_SET_STRING, "lowerdir", lower.c_str(), 0) < 0 ||
      ::fsconfig(fd, FSCONFIG_SET_STRING, "xino", "off", 0) < 0 ||
      ::fsconfig(fd, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) {
    return {};
  }
  return UniqueFd(
      ::fsmount(fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID));
}

// Nothing when this kernel, our rights or the paths do not allow it, or the file at the binary's
// path is no longer the one that runs.
std::optional<SealedSelf> sealed_by_overlay(const struct stat& self, const std::string& scratch) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t size = ::readlink(kSelf, buffer.data(), buffer.size());
  if (size <= 0 || scratch.empty()) return std::nullopt;
  const std::string path(buffer.data(), static_cast<std::size_t>(size));
  const auto slash = path.rfind('/');
  const std::string lower = path.substr(0, slash == 0 ? 1 : slash) + ":" + scratch;
  if (slash == std::string::npos || lower.find_first_of(",\\") != std::string::npos ||
      lower.find(':') != lower.rfind(':')) {
    return std::nullopt;  // the kernel's own separators: not worth their escapes
  }
  UniqueFd overlay = lower_only_overlay(lower);
  if (!overlay) return std::nullopt;
  const char* name = path.c_str() + slash + 1;
  UniqueFd file(::openat(overlay.get(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) < 0 || !same_file(self, status)) return std::nullopt;
  return SealedSelf{std::move(file), Seal::kOverlay, std::move(overlay)};
}

Result<UniqueFd> sealed_by_copy(int self, const struct stat& file) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  UniqueFd memory(::memfd_create("mycontainer", kFlags | MFD_EXEC));
  if (!memory) memory.reset(::memfd_create("mycontainer", kFlags));  // before Linux 6.3
  if (!memory) return fail_errno("memfd_create");
  off_t done = 0;
  while (done < file.st_size) {
    const auto left = static_cast<std::size_t>(file.st_size - done);
    const ssize_t count = ::sendfile(memory.get(), self, &done, left);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("copy {}", kSelf);
    if (count == 0) return fail_code(EIO, "copy {}: it became shorter", kSelf);
  }
  if (::fchmod(memory.get(), 0555) < 0) return fail_errno("chmod the copy of {}", kSelf);
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(memory.get(), F_ADD_SEALS, kSeals | F_SEAL_EXEC) < 0 &&
      ::fcntl(memory.get(), F_ADD_SEALS, kSeals) < 0) {
    return fail_errno("seal the copy of {}", kSelf);
  }
  return memory;
}

}  // namespace

Result<SealedSelf> sealed_self(const std::string& scratch_directory) {
  TRY(UniqueFd self, sys::open_at(AT_FDCWD, kSelf, O_RDONLY));
  struct stat file {};
  if (::fstat(self.get(), &file) < 0) return fail_errno("stat {}", kSelf);
  if (is_out_of_reach(file) || is_sealed_memory(self.get()) || is_read_only_format(self.get())) {
    return SealedSelf{std::move(self), Seal::kAlready, {}};
  }
  if (auto overlay = sealed_by_overlay(file, scratch_directory)) {
    return std::move(*overlay);
  }
  TRY(UniqueFd copy, sealed_by_copy(self.get(), file));
  return SealedSelf{std::move(copy), Seal::kMemory, {}};
}

}  // namespace mycontainer::reexec

// A filesystem being configured, mostly before it is mounted: fsopen(2), fsconfig(2), fsmount(2). Either
// side may run it; it needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace.
#pragma once

#include <cstdint>
#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::mount {

// One new filesystem instance. A failure of the kernel carries what the filesystem wrote about it
// (fsconfig(2), "read(fsfd)"), where it wrote anything.
class FilesystemContext {
 public:
  static Result<FilesystemContext> open(const std::string& type);
  // An existing one, to be reconfigured: `mount_fd` is the root of a mount of it (fspick(2)).
  static Result<FilesystemContext> pick(int mount_fd);

  // "key" (a flag) or "key=value"; a value is limited to 255 bytes by the kernel.
  Result<void> set(const std::string& option);
  Result<void> set(const std::string& key, const std::string& value);
  // Makes the instance and a detached mount of it with these MOUNT_ATTR_* bits. Called once, last.
  Result<UniqueFd> mount(std::uint64_t attributes);
  // Gives an existing instance its new options. Called once, last.
  Result<void> reconfigure();

 private:
  FilesystemContext(UniqueFd fd, std::string type) : fd_(std::move(fd)), type_(std::move(type)) {}
  [[nodiscard]] Failure failure(const std::string& what) const;

  UniqueFd fd_;
  std::string type_;
};

}  // namespace mycontainer::rootfs::mount

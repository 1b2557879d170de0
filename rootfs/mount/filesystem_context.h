// A filesystem being configured before it is mounted: fsopen(2), fsconfig(2), fsmount(2). Either
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

  // "key" (a flag) or "key=value"; a value is limited to 255 bytes by the kernel.
  Result<void> set(const std::string& option);
  Result<void> set(const std::string& key, const std::string& value);
  // Makes the instance and a detached mount of it with these MOUNT_ATTR_* bits. Called once, last.
  Result<UniqueFd> mount(std::uint64_t attributes);

 private:
  FilesystemContext(UniqueFd fd, std::string type) : fd_(std::move(fd)), type_(std::move(type)) {}
  [[nodiscard]] Failure failure(const std::string& what) const;

  UniqueFd fd_;
  std::string type_;
};

}  // namespace mycontainer::rootfs::mount

// An overlay filesystem as a detached mount: the usual root of a container. Run by the child in its
// own mount namespace (so there is nothing to unmount), or by whoever has CAP_SYS_ADMIN there.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::layer {

struct OverlayRequest {
  std::vector<std::string> lower;  // directories, the topmost first; at least one
  // Where the writes go: two empty directories of one filesystem, `work` for the kernel alone. Both
  // empty: read-only, and then `lower` needs two directories.
  std::string upper, work;
  bool volatile_writes = false;  // no sync, ever: for writes that are thrown away (kernel 5.10)
  bool user_xattr = false;       // needed inside a user namespace (kernel 5.11)
  bool memory = false;           // the writes go to a memory_upper() of its own; no upper, no work

  // All members, for the codec of the re-exec channel.
  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.lower, self.upper, self.work, self.volatile_writes, self.user_xattr,
                    self.memory);
  }
};

// The options of an OCI mount of type "overlay": lowerdir (joined) or lowerdir+ (one each),
// upperdir, workdir, volatile, userxattr. Without an upperdir the writes live in memory. Pure.
Result<OverlayRequest> parse_overlay_options(const std::vector<std::string>& options);

// Only what each lower directory's own filesystem holds is seen: what is mounted below it (/proc,
// /home on its own partition when the lower is "/") shows as empty directories.
// index, metacopy and redirect_dir are off, so that a layer's extended attributes cannot point
// anywhere. Layers are given one by one (lowerdir+, kernel 6.8), before that as one string, of
// descriptors where paths would be too long (joined_mount.h). More than 500 are an error: the
// kernel stacks no more.
// Errors carry what overlayfs wrote, and a hint for the well-known causes: an upper directory on a
// filesystem that cannot hold one, a kernel without overlay in user namespaces, layers inside the
// upper directory (ELOOP). The other way round works: an upper directory may lie inside a lower one
// (the data root below "/"), and is then out of reach through the overlay (ELOOP there).
Result<UniqueFd> overlay_mount(const OverlayRequest& request);

// The value of "lowerdir" in the joined form: ':' between, and before ':', ',' and '\\' of a name a
// '\\'. Pure.
std::string join_lower_directories(const std::vector<std::string>& lower);

// A detached tmpfs with the directories "upper" and "work" in it, at most `size` ("64m", "50%", or
// empty for the kernel's half of the memory), for writes that may live in memory: the fastest upper
// there is, 0.4 ms less than ext4 with volatile_writes. Use it as upper_in(fd), work_in(fd); keep
// it open until overlay_mount has returned.
Result<UniqueFd> memory_upper(const std::string& size);
std::string upper_in(int directory_fd);
std::string work_in(int directory_fd);

}  // namespace mycontainer::rootfs::layer

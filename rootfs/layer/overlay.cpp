#include "rootfs/layer/overlay.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "rootfs/layer/joined_mount.h"
#include "rootfs/mount/filesystem_context.h"
#include "rootfs/mount/mountinfo.h"

namespace mycontainer::rootfs::layer {

namespace {

using mount::FilesystemContext;

constexpr std::size_t kMaxValue = 255;   // fsconfig(2)
constexpr std::size_t kMaxLayers = 500;  // overlayfs's OVL_MAX_STACK

// In the joined form ':' separates, and '\' takes away what a character means.
std::string escape(const std::string& directory) {
  std::string escaped;
  for (const char c : directory) {
    if (c == ':' || c == '\\' || c == ',') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// In the name of an upper or work directory '\' does so too, but nothing separates.
std::string escape_backslashes(const std::string& directory) {
  std::string escaped;
  for (const char c : directory) escaped.append(c == '\\' ? 2 : 1, c);
  return escaped;
}

// One by one (lowerdir+, Linux 6.8), or as one string.
enum class Form { kSeparate, kJoined };

Result<void> set_lower(FilesystemContext& context, const std::vector<std::string>& lower,
                       Form form) {
  if (form == Form::kJoined) return context.set("lowerdir", join_lower_directories(lower));
  for (const std::string& directory : lower) TRY_VOID(context.set("lowerdir+", directory));
  return {};
}

Result<void> set_upper(FilesystemContext& context, const OverlayRequest& request) {
  if (request.upper.empty()) return {};
  TRY_VOID(context.set("upperdir", escape_backslashes(request.upper)));
  TRY_VOID(context.set("workdir", escape_backslashes(request.work)));
  if (request.volatile_writes) TRY_VOID(context.set("volatile"));
  return {};
}

Result<void> configure(FilesystemContext& context, const OverlayRequest& request, Form form) {
  TRY_VOID(context.set("source", "overlay"));
  TRY_VOID(set_lower(context, request.lower, form));
  TRY_VOID(set_upper(context, request));
  TRY_VOID(context.set("redirect_dir", "nofollow"));
  if (request.user_xattr) return context.set("userxattr");
  TRY_VOID(context.set("index", "off"));
  return context.set("metacopy", "off");
}

bool has_mounts_below(const std::string& directory) {
  const auto text = reexec::sys::read_file_at(AT_FDCWD, "/proc/self/mountinfo");
  if (!text) return false;
  const std::string below = directory == "/" ? directory : directory + "/";
  return std::ranges::any_of(
      mount::parse_mountinfo(*text), [&below](const mount::MountEntry& entry) {
        return entry.mount_point.starts_with(below) && entry.mount_point != below;
      });
}

std::string hint_for_invalid(const OverlayRequest& request) {
  // Only inside a user namespace: there its mounts cover what its user must not see.
  const auto covered = request.user_xattr ? std::ranges::find_if(request.lower, has_mounts_below)
                                          : request.lower.end();
  if (covered != request.lower.end()) {
    return fmt::format(
        "inside a user namespace a directory with mounts below it cannot be a layer, and {} has "
        "some: as an ordinary user take another directory, or --rootfs without :O",
        *covered);
  }
  if (request.upper.empty()) return {};
  return "the directory for the writes must be on a filesystem that can hold an overlay's upper "
         "layer: ext4, xfs, btrfs or tmpfs, but not NFS or another overlay";
}

std::string hint_for(int code, const OverlayRequest& request) {
  switch (code) {
    case EPERM:
      return "overlay mounts inside a user namespace need Linux 5.11 or later";
    case ELOOP:
      return "a layer lies inside the directory for the writes, or inside another layer";
    case EINVAL:
      return hint_for_invalid(request);
    default:
      return {};
  }
}

Result<UniqueFd> make(const OverlayRequest& request, Form form) {
  TRY(FilesystemContext context, FilesystemContext::open("overlay"));
  TRY_VOID(configure(context, request, form));
  return context.mount(0);
}

// Every kernel takes short names without the joined form's own characters as one string.
bool fits_joined(const std::vector<std::string>& lower) {
  std::size_t size = lower.size() - 1;
  for (const std::string& directory : lower) {
    if (directory.find_first_of(":,\\") != std::string::npos) return false;
    size += directory.size();
  }
  return size <= kMaxValue;
}

Result<UniqueFd> make_in_some_form(const OverlayRequest& request) {
  if (fits_joined(request.lower)) return make(request, Form::kJoined);
  auto mounted = make(request, Form::kSeparate);
  if (mounted || mounted.error().code != EINVAL) return mounted;
  // An older kernel does not know lowerdir+, and before 6.5 says so only when the filesystem is
  // made: up to then it takes any option.
  auto joined = joined_mount(request);
  if (joined || joined.error().code != EINVAL) return joined;
  // The same objection twice: the first one carries what overlayfs wrote, unless it was of the form.
  const bool of_form = mounted.error().operation.find("lowerdir+") != std::string::npos;
  return of_form ? std::move(joined) : std::move(mounted);
}

}  // namespace

std::string join_lower_directories(const std::vector<std::string>& lower) {
  std::string joined;
  for (const std::string& directory : lower) {
    joined += (joined.empty() ? "" : ":") + escape(directory);
  }
  return joined;
}

Result<UniqueFd> overlay_mount(const OverlayRequest& request) {
  if (request.lower.empty()) return fail("mount overlay: no layers");
  if (request.lower.size() > kMaxLayers) {
    return fail("mount overlay: {} layers are more than the {} that the kernel can stack",
                request.lower.size(), kMaxLayers);
  }
  auto mounted = make_in_some_form(request);
  if (mounted) return mounted;
  Error error = std::move(mounted).error();
  if (error.hint.empty()) error.hint = hint_for(error.code, request);
  return Failure(std::move(error));
}

Result<UniqueFd> memory_upper(const std::string& size) {
  TRY(FilesystemContext context, FilesystemContext::open("tmpfs"));
  TRY_VOID(context.set("source", "tmpfs"));
  TRY_VOID(context.set("mode", "700"));
  if (!size.empty()) TRY_VOID(context.set("size", size));
  TRY(UniqueFd mounted, context.mount(MOUNT_ATTR_NODEV));
  for (const char* name : {"upper", "work"}) {
    if (::mkdirat(mounted.get(), name, 0755) < 0) return fail_errno("mkdir {}", name);
  }
  return mounted;
}

std::string upper_in(int directory_fd) { return sys::fd_path(directory_fd) + "/upper"; }
std::string work_in(int directory_fd) { return sys::fd_path(directory_fd) + "/work"; }

}  // namespace mycontainer::rootfs::layer

#include "rootfs/layer/joined_mount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "reexec/sys/more_descriptors.h"

namespace mycontainer::rootfs::layer {

namespace {

// What lies on top of the process's own "/": ".." of the root crosses to it, "/" does not.
constexpr const char* kOnTop = "/..";

// The working directory while it lives.
class In {
 public:
  static Result<In> enter(const char* directory) {
    TRY(UniqueFd before, sys::open_at(AT_FDCWD, ".", O_PATH | O_DIRECTORY));
    if (::chdir(directory) < 0) return fail_errno("chdir {}", directory);
    return In(std::move(before));
  }
  In(In&&) noexcept = default;
  In& operator=(In&&) = delete;
  ~In() {
    if (before_) (void)::fchdir(before_.get());
  }

 private:
  explicit In(UniqueFd before) : before_(std::move(before)) {}
  UniqueFd before_;
};

// Opens `directory` and returns what it is called in /proc/self/fd.
Result<std::string> number_of(const std::string& directory, std::vector<UniqueFd>& opened) {
  TRY(UniqueFd fd, sys::open_at(AT_FDCWD, directory, O_PATH | O_DIRECTORY));
  opened.push_back(std::move(fd));
  return std::to_string(opened.back().get());
}

Result<std::string> options_of(const OverlayRequest& request, std::vector<UniqueFd>& opened) {
  std::string options;
  for (const std::string& lower : request.lower) {
    TRY(const std::string number, number_of(lower, opened));
    options += (options.empty() ? "lowerdir=" : ":") + number;
  }
  if (!request.upper.empty()) {
    TRY(const std::string upper, number_of(request.upper, opened));
    TRY(const std::string work, number_of(request.work, opened));
    options += ",upperdir=" + upper + ",workdir=" + work;
    if (request.volatile_writes) options += ",volatile";
  }
  options += ",redirect_dir=nofollow";
  return options + (request.user_xattr ? ",userxattr" : ",index=off,metacopy=off");
}

}  // namespace

Result<UniqueFd> joined_mount(const OverlayRequest& request) {
  const sys::MoreDescriptors room(request.lower.size() + 8);
  std::vector<UniqueFd> opened;
  TRY(const std::string options, options_of(request, opened));
  if (options.size() >= static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
    return fail_code(ENAMETOOLONG, "mount overlay: the names of {} layers", request.lower.size());
  }
  TRY(const In names, In::enter("/proc/self/fd"));
  if (::mount("overlay", kOnTop, "overlay", 0, options.c_str()) < 0) {
    return fail_errno("mount overlay");
  }
  UniqueFd clone(::open_tree(AT_FDCWD, kOnTop, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  const int code = errno;
  (void)::umount2(kOnTop, MNT_DETACH);
  if (!clone) return fail_code(code, "clone the overlay's mount");
  return clone;
}

}  // namespace mycontainer::rootfs::layer

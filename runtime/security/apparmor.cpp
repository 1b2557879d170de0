#include "runtime/security/apparmor.h"

#include <fcntl.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"

namespace mycontainer::runtime::security {
namespace {

// Below `procfs` only: nothing mounted over a part of it is entered, no magic link is followed.
UniqueFd open_attribute(int procfs, const char* path) {
  open_how how{};
  how.flags = O_WRONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(sys::openat2(procfs, path, &how));
}

Failure refused(const std::string& profile) {
  Failure failure = fail_errno("enter the AppArmor profile {}", profile);
  if (failure.value().code == ENOENT)
    failure.value().hint = "no such profile is loaded; load its file with apparmor_parser -r";
  if (failure.value().code == EINVAL)
    failure.value().hint = "AppArmor is not enabled on this machine; leave the option away";
  return failure;
}

}  // namespace

Result<void> enter_apparmor_profile_on_exec(int procfs, const std::string& profile) {
  if (profile.empty()) return {};
  UniqueFd attribute = open_attribute(procfs, "thread-self/attr/apparmor/exec");
  // Kernels before 5.8 have only the file that all security modules share.
  if (!attribute && errno == ENOENT) attribute = open_attribute(procfs, "thread-self/attr/exec");
  const std::string command = "exec " + profile;
  if (attribute && ::write(attribute.get(), command.data(), command.size()) >= 0) return {};
  // Where there is no AppArmor (EINVAL; ENOENT where the kernel has no such attribute) everything
  // is unconfined already.
  if (profile == "unconfined" && (errno == EINVAL || errno == ENOENT)) return {};
  if (!attribute) return fail_errno("open the AppArmor attribute of the process");
  return refused(profile);
}

}  // namespace mycontainer::runtime::security

#include "runtime/security/credentials.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::security {
namespace {

Failure not_mapped(Failure failure) {
  if (failure.value().code == EINVAL)
    failure.value().hint = "the container's user namespace does not map this number";
  return failure;
}

// Whether the ordinary user's single mapping has switched setgroups off (user_namespaces(7)).
bool setgroups_denied() {
  const auto setting = sys::read_file_at(AT_FDCWD, "/proc/self/setgroups", 16);
  return setting && setting->starts_with("deny");
}

Result<void> take_groups(std::span<const std::uint32_t> groups) {
  if (::setgroups(groups.size(), groups.data()) == 0) return {};
  Failure failure = not_mapped(fail_errno("set {} supplementary groups", groups.size()));
  if (groups.empty() && failure.value().code == EPERM && setgroups_denied()) return {};
  return failure;
}

}  // namespace

Result<void> take_identity(const Identity& identity) {
  TRY_VOID(take_groups(identity.groups));
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0)
    return not_mapped(fail_errno("become group {}", identity.gid));
  if (::setresuid(identity.uid, identity.uid, identity.uid) != 0)
    return not_mapped(fail_errno("become user {}", identity.uid));
  if (identity.umask) ::umask(*identity.umask & 0777);
  return {};
}

Result<void> set_no_new_privs() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("set no_new_privs");
  return {};
}

}  // namespace mycontainer::runtime::security

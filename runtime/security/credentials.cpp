#include "runtime/security/credentials.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::security {
namespace {

constexpr std::uint32_t kUnchanged = 0xffffffff;

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

Result<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  // from_chars takes neither signs nor blanks for an unsigned type.
  if (text.empty() || stopped != end || error == std::errc::invalid_argument)
    return fail("\"{}\" is not a user or group number", text);
  if (error == std::errc::result_out_of_range || value == kUnchanged)
    return fail("user or group number {} is out of range (0 to 4294967294)", text);
  return value;
}

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

Result<void> set_dumpable(bool dumpable) {
  if (::prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0, 0, 0, 0) != 0)
    return fail_errno("make the process {}dumpable", dumpable ? "" : "not ");
  return {};
}

}  // namespace mycontainer::runtime::security

// Who the container's process is: user, groups, umask, and no_new_privs. Child side: changes the
// calling process, which has one thread.
//
// Source: setgroups(2), setresuid(2), user_namespaces(7), prctl(2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::security {

struct Identity {
  std::uint32_t uid = 0, gid = 0;
  std::span<const std::uint32_t> groups;  // the supplementary groups, all of them
  std::optional<std::uint32_t> umask;     // none: left as inherited
};

// Groups, then group, then user: each needs the privilege that the next one gives away. setgroups
// is always called, so none of the caller's groups survive, except where the user namespace denies
// it (EPERM with /proc/self/setgroups "deny", the ordinary user with one mapped id): there an empty
// list is accepted, because nothing can be changed, and a list that was asked for is an error.
// Numbers that the namespace does not map fail with EINVAL and a hint that says so. To keep
// capabilities across it see keep_capabilities().
Result<void> take_identity(const Identity& identity);

// execve never again grants privileges (prctl PR_SET_NO_NEW_PRIVS). Cannot be undone.
Result<void> set_no_new_privs();

}  // namespace mycontainer::runtime::security

// Who the container's process is: user, groups, umask, and the two process flags that go with it.
// take_identity() and the setters are child side and change the calling process, which has one
// thread; parse_id() is pure.
//
// Source: setgroups(2), setresuid(2), user_namespaces(7), prctl(2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::security {

// A user or group number typed by a person or an image: decimal digits only, nothing around them,
// 0..4294967294. 4294967295 is (uid_t)-1, "leave unchanged" to the kernel, and refused
// (moby CVE-2016-3697 and its kin: "0x0", "-1", "1000abc", "4294967296" are errors, not roots).
Result<std::uint32_t> parse_id(std::string_view text);

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

// Whether others of the same user may ptrace this process and open its /proc entries. Off before
// joining a container's namespaces (CVE-2016-9962); setresuid and execve turn it on again by
// themselves for an ordinary program.
Result<void> set_dumpable(bool dumpable);

}  // namespace mycontainer::runtime::security

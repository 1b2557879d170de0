// AppArmor: is it there, and the container's program under a profile from its execve on.
//
// Only a profile that was asked for is used (--security-opt apparmor=NAME, OCI
// process.apparmorProfile). Docker's own docker-default exists only where dockerd has generated and
// loaded it; loading a policy is a privileged, host-wide change that a daemonless program has no
// business making, so the default here is none, and masked paths, capabilities and seccomp carry
// the protection. `docker-default` can be named like any other.
//
// Source: apparmor(7), aa_change_onexec(2), Documentation/admin-guide/LSM/apparmor.rst.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::security {

// Whether the kernel enforces AppArmor, by <sysfs>/module/apparmor/parameters/enabled. Parent, or
// the child before its root changes.
bool apparmor_enabled(const std::string& sysfs = "/sys");

// A descriptor of the directory `path`, proven to be the root of a procfs (fstatfs(2) and inode):
// what a hostile image mounts or links there is refused (CVE-2019-16884, CVE-2025-52881). Child.
Result<UniqueFd> open_procfs(const char* path = "/proc");

// The next execve of the calling thread enters `profile`. An empty name means nothing to do, and
// "unconfined" is what everything is where AppArmor is absent. `procfs` comes from open_procfs().
// Errors say whether AppArmor is absent or the profile is not loaded. Child, before no_new_privs is
// set where the profile is wider than the current one.
Result<void> enter_apparmor_profile_on_exec(int procfs, const std::string& profile);

}  // namespace mycontainer::runtime::security

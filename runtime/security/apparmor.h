// AppArmor: the container's program under a profile from its execve on.
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

namespace mycontainer::runtime::security {

// The next execve of the calling thread enters `profile`. An empty name means nothing to do, and
// "unconfined" is what everything is where AppArmor is absent. `procfs` is the top directory of a
// procfs that we mounted ourselves, so that nothing a hostile image mounts or links there is met
// (CVE-2019-16884, CVE-2025-52881). Errors say whether AppArmor is absent or the profile is not
// loaded. Child, before no_new_privs is set where the profile is wider than the current one.
Result<void> enter_apparmor_profile_on_exec(int procfs, const std::string& profile);

}  // namespace mycontainer::runtime::security

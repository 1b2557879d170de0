// SELinux: the container's program under a label from its execve on.
//
// Source: selinux(8), setexeccon(3), attr/exec in proc_pid_attr(5).
#pragma once

#include <string>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::security {

// Whether SELinux is in force on this machine (enforcing or permissive): its filesystem is mounted
// at /sys/fs/selinux. Either side, while the host's tree is visible.
bool selinux_enabled();

// The next execve of the calling thread gets `label`. An empty one means nothing to do. `procfs` as
// for enter_apparmor_profile_on_exec. Child.
Result<void> enter_selinux_label_on_exec(int procfs, const std::string& label);

}  // namespace mycontainer::runtime::security

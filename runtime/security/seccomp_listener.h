// seccomp notifications: from the process that installs a filter with SCMP_ACT_NOTIFY to the agent
// that answers for it.
//
// Source: seccomp_unotify(2), OCI config-linux.md "Seccomp" (listenerPath, the container process
// state).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/oci/state.h"

namespace mycontainer::runtime::security {

// What is to be done with the new listener, which stays the caller's.
using ListenerTaker = std::function<Result<void>(int listener)>;

// Child. install_seccomp() for `flags` with SECCOMP_FILTER_FLAG_NEW_LISTENER. `take` runs in a
// thread of its own, which the filter does not bind: whatever the profile notifies (sendmsg, close,
// or every call there is), nothing waits for an agent that has no listener yet. When this returns,
// `take` is done, its failure is the result, and no descriptor of the listener is left in this
// process: if the agent goes away, calls fail (ENOSYS) instead of waiting for ever.
//
// SECCOMP_FILTER_FLAG_TSYNC is left out: execve(2) ends all other threads. Needs room for one more
// thread (RLIMIT_NPROC, pids.max).
Result<void> install_seccomp_with_listener(std::string_view program, unsigned flags,
                                           ListenerTaker take);

// Parent. Connects to the agent's socket (AF_UNIX, SOCK_STREAM) at `listener_path`, sends `state`
// as JSON and `listener` along with it, and hangs up. Errors: nobody listens there, the path is
// longer than a socket's can be, the agent has taken nothing for ten seconds.
Result<void> send_seccomp_listener(const std::string& listener_path, UniqueFd listener,
                                   const oci::ContainerProcessState& state);

}  // namespace mycontainer::runtime::security

// The last door: the calling thread and what it executes run under a seccomp filter. Child.
//
// Source: seccomp(2), seccomp_unotify(2).
#pragma once

#include <atomic>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::security {

// Installs `program` (from compile_seccomp) with the SECCOMP_FILTER_FLAG_* bits of `flags`. Needs
// no_new_privs or CAP_SYS_ADMIN in effect (EACCES otherwise): without no_new_privs install it
// before set_capabilities(), with it as the last thing before execve. Whatever still runs after it
// must be allowed by the profile. SECCOMP_FILTER_FLAG_LOG is left out when the kernel refuses it.
// The result is the listener's descriptor (close-on-exec) when flags have
// SECCOMP_FILTER_FLAG_NEW_LISTENER, otherwise an empty one.
Result<UniqueFd> install_seccomp(std::string_view program, unsigned flags);

// The same for a watching thread: the listener's number stands in `listener` before the calling
// thread makes another system call, which might be one that waits for an answer. For seccomp_listener.h.
Result<void> install_seccomp(std::string_view program, unsigned flags, std::atomic<int>& listener);

}  // namespace mycontainer::runtime::security

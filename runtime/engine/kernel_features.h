// What the running kernel offers a container engine, found by trying it. Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::engine {

struct KernelFact {
  std::string name;   // "openat2"
  std::string value;  // "yes", "no", "hybrid", "no: kernel.unprivileged_userns_clone is 0"
};

struct KernelReport {
  std::vector<KernelFact> facts;
};

// Each fact is a check of its own: a system call made with arguments that change nothing, or the
// file in which the kernel says so. A call that a seccomp filter hides counts as missing, as it is.
// Starts one child that ends at once (for user namespaces), and nothing else.
KernelReport inspect_kernel();

// Why an ordinary user could not make a user namespace here, judged by sysctls ("the kernel allows
// none: user.max_user_namespaces is 0"); empty when nothing forbids it. `proc_sys` is for tests.
std::string unprivileged_userns_obstacle(const std::string& proc_sys = "/proc/sys");

// The error of an ordinary user's failed start with that obstacle as its hint, when it looks like the
// kernel's refusal, which does not say which setting is behind it.
Error with_userns_obstacle(Error error);

}  // namespace mycontainer::runtime::engine

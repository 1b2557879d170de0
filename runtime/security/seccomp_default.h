// The seccomp profile a container gets when it asks for none: Docker's policy, as our own data.
// Parent; pure.
//
// Docker's rules decide what is allowed: nothing that makes namespaces or mounts without
// CAP_SYS_ADMIN, no sockets of the rarely used, often broken families. What containers-common does
// better is taken from there: a system call that the table knows and refuses fails with EPERM, one
// that it has never heard of with ENOSYS, so that programs fall back to an older call.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"
#include "runtime/security/capabilities.h"

namespace mycontainer::runtime::security {

struct KernelVersion {
  unsigned major = 0, minor = 0;
  auto operator<=>(const KernelVersion&) const = default;
};

// "6.18.44-fc" is {6, 18}. Pure.
Result<KernelVersion> parse_kernel_version(std::string_view release);
// Of the running kernel (uname(2)).
KernelVersion running_kernel();

// What the conditions of a profile are judged by. `architecture` is in the profile format's words:
// "amd64", "arm64".
struct SeccompContext {
  CapabilityMask bounding = kDefaultCapabilities;
  std::string architecture;
  KernelVersion kernel;
};
// The context of this machine for a container with the bounding set `bounding`.
SeccompContext seccomp_context(CapabilityMask bounding);

oci::Seccomp default_seccomp(const SeccompContext& context);

}  // namespace mycontainer::runtime::security

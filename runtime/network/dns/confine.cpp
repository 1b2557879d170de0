#include "runtime/network/dns/confine.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "runtime/network/dns/service_filter.h"

namespace mycontainer::runtime::network {

namespace {

constexpr uid_t kNobody = 65534;
constexpr rlim_t kMostDescriptors = 512, kMostMemory = 256 << 20;

Result<void> limit(int resource, rlim_t most) {
  const rlimit value{most, most};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &value) < 0) {
    return fail_errno("limit resource {}", resource);
  }
  return {};
}

Result<void> limit_resources() {
  TRY_VOID(limit(RLIMIT_NOFILE, kMostDescriptors));
  TRY_VOID(limit(RLIMIT_CORE, 0));
  TRY_VOID(limit(RLIMIT_FSIZE, 0));
#if !defined(__SANITIZE_ADDRESS__)  // whose shadow is larger than any limit
  TRY_VOID(limit(RLIMIT_AS, kMostMemory));
#endif
  return {};
}

Result<void> leave_files(int live) {
  if (::fchdir(live) < 0) return fail_errno("enter the networks' directory");
  if (::chroot(".") < 0) return fail_errno("chroot");
  return {};
}

Result<void> drop_ids() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability) < 0) return fail_errno("drop a capability");
  }
  if (::setgroups(0, nullptr) < 0) return fail_errno("setgroups");
  if (::setresgid(kNobody, kNobody, kNobody) < 0) return fail_errno("setresgid");
  if (::setresuid(kNobody, kNobody, kNobody) < 0) return fail_errno("setresuid");
  return {};
}

// Changing the ids has cleared the signal, and made the process dumpable.
Result<void> follow(pid_t supervisor) {
  if (::prctl(PR_SET_DUMPABLE, 0) < 0) return fail_errno("prctl");
  if (supervisor == 0) return {};
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return fail_errno("prctl");
  if (::getppid() != supervisor) return fail("the supervisor is gone");
  return {};
}

}  // namespace

Result<void> confine(int live, pid_t supervisor) {
  TRY_VOID(limit_resources());
  TRY_VOID(leave_files(live));
  TRY_VOID(drop_ids());
  TRY_VOID(follow(supervisor));
  return give_up_system_calls();
}

}  // namespace mycontainer::runtime::network

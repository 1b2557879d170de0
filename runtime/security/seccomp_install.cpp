#include "runtime/security/seccomp_install.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <vector>

namespace mycontainer::runtime::security {
namespace {

constexpr unsigned kOptionalFlags = SECCOMP_FILTER_FLAG_LOG;

long set_filter(const sock_fprog& program, unsigned flags) {
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

Failure refused() {
  Failure failure = fail_errno("install the seccomp filter");
  if (failure.value().code == EACCES)
    failure.value().hint = "it needs no-new-privileges or CAP_SYS_ADMIN";
  if (failure.value().code == EBUSY)
    failure.value().hint = "a filter around this one already has a listener, and there can be one";
  if (failure.value().code == EINVAL)
    failure.value().hint = "the kernel has no seccomp filters, or not all of the profile's flags";
  return failure;
}

// `installed` is called with the kernel's answer before any memory is given back.
template <class Installed>
Result<void> install(std::string_view program, unsigned flags, Installed installed) {
  std::vector<sock_filter> instructions(program.size() / sizeof(sock_filter));
  if (instructions.empty() || instructions.size() > BPF_MAXINSNS ||
      program.size() % sizeof(sock_filter) != 0)
    return fail("install the seccomp filter: {} bytes are not a program", program.size());
  std::memcpy(instructions.data(), program.data(), program.size());
  const sock_fprog argument{static_cast<unsigned short>(instructions.size()), instructions.data()};
  long result = set_filter(argument, flags);
  if (result < 0 && errno == EINVAL && (flags & kOptionalFlags))
    result = set_filter(argument, flags & ~kOptionalFlags);
  if (result < 0) return refused();
  installed(static_cast<int>(result));
  return {};
}

}  // namespace

Result<UniqueFd> install_seccomp(std::string_view program, unsigned flags) {
  int answer = 0;
  TRY_VOID(install(program, flags, [&](int result) { answer = result; }));
  if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) return UniqueFd(answer);
  // With TSYNC alone a positive result is a thread that could not be brought along.
  if (answer > 0) return fail("install the seccomp filter: thread {} has another one", answer);
  return UniqueFd();
}

Result<void> install_seccomp(std::string_view program, unsigned flags, std::atomic<int>& listener) {
  return install(program, flags, [&](int result) { listener = result; });
}

}  // namespace mycontainer::runtime::security

// `call`: system calls by their number, as programs of other architectures make them.
#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/programs/probe/probe.h"

namespace mycontainer::probe {
namespace {

constexpr long kX32Bit = 0x40000000;

// What the kernel answers: below 0 a negative errno.
long call_i386(long number, long first) {
#ifdef __x86_64__
  long result = number;
  __asm__ volatile("int $0x80"
                   : "+a"(result)
                   : "b"(first), "c"(0), "d"(0)
                   : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(result);
#else
  (void)number, (void)first;
  return -ENOSYS;
#endif
}

long call_native(long number, long first) {
  const long result = ::syscall(number, first, 0, 0, 0);
  return result < 0 ? -errno : result;
}

long make_call(const std::string& convention, long number, long first) {
  if (convention == "i386") return call_i386(number, first);
  return call_native(convention == "x32" ? number | kX32Bit : number, first);
}

// In a process of its own, which the call may be the end of.
std::string answer(const std::string& convention, long number, long first) {
  const pid_t child = ::fork();
  if (child == 0) {
    const long result = make_call(convention, number, first);
    ::_exit(result < 0 ? static_cast<int>(-result) : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return outcome(WEXITSTATUS(status));
}

}  // namespace

int call(Args calls) {
  for (const std::string text : calls) {
    const std::size_t colon = text.find(':');
    const std::size_t comma = text.find(',');
    if (colon == std::string::npos) return 99;
    const long number = std::strtol(text.c_str() + colon + 1, nullptr, 0);
    const long first =
        comma == std::string::npos ? 0 : std::strtol(text.c_str() + comma + 1, nullptr, 0);
    std::printf("%s=%s\n", text.c_str(), answer(text.substr(0, colon), number, first).c_str());
  }
  return 0;
}

}  // namespace mycontainer::probe

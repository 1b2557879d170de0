#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "reexec/spawn_plan.h"

namespace mycontainer::reexec {

// Inline assembly because the child returns from the system call on another stack: nothing of the
// caller's frame may be touched between the two.
__attribute__((no_sanitize("address", "undefined"))) long clone_vfork(const clone_args& wanted,
                                                                      std::span<std::byte> stack,
                                                                      void (*body)(void*) noexcept,
                                                                      void* argument) noexcept {
  clone_args args = wanted;
  args.flags |= CLONE_VM | CLONE_VFORK;
  args.stack = reinterpret_cast<std::uint64_t>(stack.data());
  args.stack_size = stack.size();
  long result = -ENOSYS;
#if defined(__x86_64__)
  result = SYS_clone3;
  register void* child_body asm("r12") = reinterpret_cast<void*>(body);
  register void* child_argument asm("r13") = argument;
  asm volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xorl %%ebp, %%ebp\n\t"
      "movq %%r13, %%rdi\n\t"
      "callq *%%r12\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(&args), "S"(sizeof args), "r"(child_body), "r"(child_argument)
      : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_clone3;
  register long x0 asm("x0") = reinterpret_cast<long>(&args);
  register long x1 asm("x1") = sizeof args;
  register void* child_body asm("x19") = reinterpret_cast<void*>(body);
  register void* child_argument asm("x20") = argument;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x0, x20\n\t"
      "blr x19\n\t"
      "brk #0\n"
      "1:"
      : "+r"(x0)
      : "r"(x1), "r"(number), "r"(child_body), "r"(child_argument)
      : "memory", "cc", "x30");
  result = x0;
#endif
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace mycontainer::reexec

// The system calls that glibc 2.36 does not wrap, spelled as their man pages spell them: result or
// -1 and errno. Either side may use them; all are async-signal-safe.
#pragma once

#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>

namespace mycontainer::reexec::sys {

// clone3(2). Declared here only for calls without CLONE_VM; the vfork-like start lives in
// reexec/spawn.cpp.
inline long clone3(clone_args* args) { return ::syscall(SYS_clone3, args, sizeof(clone_args)); }

inline int pidfd_open(pid_t pid, unsigned flags) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, flags));
}
inline int pidfd_send_signal(int pidfd, int signal, unsigned flags = 0) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, flags));
}
inline int openat2(int dirfd, const char* path, const open_how* how) {
  return static_cast<int>(::syscall(SYS_openat2, dirfd, path, how, sizeof(open_how)));
}
inline int close_range(unsigned first, unsigned last, unsigned flags) {
  return static_cast<int>(::syscall(SYS_close_range, first, last, flags));
}
inline int pivot_root(const char* new_root, const char* put_old) {
  return static_cast<int>(::syscall(SYS_pivot_root, new_root, put_old));
}

}  // namespace mycontainer::reexec::sys

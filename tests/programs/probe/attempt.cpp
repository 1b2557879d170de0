#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "tests/programs/probe/probe.h"

namespace mycontainer::probe {
namespace {

// Each returns like a system call: below 0 with errno set when refused.
long try_mount() { return ::mount("none", "/tmp", "tmpfs", 0, nullptr); }
long try_umount() { return ::umount2("/proc", MNT_DETACH); }
long try_unshare_user() { return ::unshare(CLONE_NEWUSER); }
long try_unshare_mount() { return ::unshare(CLONE_NEWNS); }
long try_keyctl() { return ::syscall(SYS_keyctl, 0, -3, 0); }
long try_add_key() { return ::syscall(SYS_add_key, "user", "probe", "x", 1, -3); }
long try_bpf() { return ::syscall(SYS_bpf, 0, nullptr, 0); }
long try_swapon() { return ::syscall(SYS_swapon, "/none", 0); }
long try_reboot() { return ::syscall(SYS_reboot, 0, 0, 0, nullptr); }
long try_init_module() { return ::syscall(SYS_init_module, nullptr, 0, ""); }
long try_kexec() { return ::syscall(SYS_kexec_load, 0, 0, nullptr, 0); }
long try_sethostname() { return ::sethostname("changed", 7); }
long try_settimeofday() {
  const timespec now{};
  return ::clock_settime(CLOCK_MONOTONIC, &now);
}
long try_mknod() { return ::mknod("/tmp/probe-device", S_IFBLK | 0600, ::makedev(1, 0)); }
long try_chown() { return ::chown("/tmp", 0, 0); }
long try_open_raw() { return ::socket(AF_INET, SOCK_RAW, 1); }
long try_vsock() { return ::socket(AF_VSOCK, SOCK_STREAM, 0); }
long try_kmsg() { return ::open("/dev/kmsg", O_RDONLY | O_CLOEXEC); }
long try_io_uring() { return ::syscall(SYS_io_uring_setup, 0, nullptr); }
long try_personality() { return ::syscall(SYS_personality, 0x0400000); }
long try_push_input() {
  char letter = 'x';
  return ::ioctl(0, TIOCSTI, &letter);
}
long try_clone3_user() {
  clone_args args{};
  args.flags = CLONE_NEWUSER;
  return ::syscall(SYS_clone3, &args, 0);  // a size that no kernel takes: never a new process
}

struct Attempt {
  std::string_view name;
  long (*run)();
};

constexpr std::array kAttempts = {
    Attempt{"mount", try_mount},
    Attempt{"umount", try_umount},
    Attempt{"unshare_user", try_unshare_user},
    Attempt{"unshare_mount", try_unshare_mount},
    Attempt{"keyctl", try_keyctl},
    Attempt{"add_key", try_add_key},
    Attempt{"bpf", try_bpf},
    Attempt{"swapon", try_swapon},
    Attempt{"reboot", try_reboot},
    Attempt{"init_module", try_init_module},
    Attempt{"kexec", try_kexec},
    Attempt{"sethostname", try_sethostname},
    Attempt{"settimeofday", try_settimeofday},
    Attempt{"mknod", try_mknod},
    Attempt{"chown", try_chown},
    Attempt{"raw_socket", try_open_raw},
    Attempt{"vsock", try_vsock},
    Attempt{"kmsg", try_kmsg},
    Attempt{"io_uring", try_io_uring},
    Attempt{"personality", try_personality},
    Attempt{"push_input", try_push_input},
    Attempt{"clone3_user", try_clone3_user},
};

}  // namespace

std::string outcome(int error) { return error == 0 ? "ok" : ::strerrorname_np(error); }

int attempt(Args names) {
  for (const Attempt& one : kAttempts) {
    for (const std::string_view wanted : names) {
      if (wanted != one.name) continue;
      errno = 0;
      const long result = one.run();
      std::printf("%s=%s\n", wanted.data(), outcome(result < 0 ? errno : 0).c_str());
    }
  }
  return 0;
}

int attempt_write(Args args) {
  if (args.size() != 2) return 99;
  const int fd = ::open(args[0], O_WRONLY | O_CLOEXEC);
  const bool written = fd >= 0 && ::write(fd, args[1], std::strlen(args[1])) >= 0;
  std::printf("write=%s\n", outcome(written ? 0 : errno).c_str());
  return 0;
}

}  // namespace mycontainer::probe

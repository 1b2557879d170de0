#include "runtime/network/dns/service_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mycontainer::runtime::network {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the system calls of this architecture have to be named here"
#endif

constexpr std::uint32_t kKept[] = {
    // Sockets.
    SYS_connect,
    SYS_accept4,
    SYS_sendto,
    SYS_sendmsg,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_ppoll,
    // Files: opening for writing, and whatever is not nobody's to read, is refused by the kernel.
    SYS_openat,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_newfstatat,
    SYS_fstat,
    SYS_fcntl,
    SYS_lseek,
    SYS_read,
    SYS_write,
    SYS_close,
    // The process itself.
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_clock_gettime,
    SYS_getrandom,
    SYS_futex,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_restart_syscall,
    SYS_getpid,
    SYS_gettid,
    SYS_exit,
    SYS_exit_group,
#if defined(__SANITIZE_ADDRESS__)
    SYS_pipe2,  // the sanitizer looks with it whether memory can be read
#endif
#if defined(__x86_64__)
    SYS_poll,
#endif
};

constexpr std::uint32_t kYes = SECCOMP_RET_ALLOW, kNo = SECCOMP_RET_ERRNO | EPERM;

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
// The lower half: all architectures here begin with it.
sock_filter load_argument(std::size_t index) {
  return load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}
sock_filter answer(std::uint32_t what) { return BPF_STMT(BPF_RET | BPF_K, what); }
// Goes on with the next instruction when it is so, and leaves `skip` of them out when it is not.
sock_filter unless_skip(std::uint32_t test, std::uint32_t value, std::uint8_t skip) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), value, 0, skip);
}

std::vector<sock_filter> program() {
  std::vector<sock_filter> code = {
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      answer(SECCOMP_RET_KILL_PROCESS),
      load(offsetof(seccomp_data, nr)),
      // socket(2): the internet's families.
      unless_skip(BPF_JEQ, SYS_socket, 6),
      load_argument(0),
      unless_skip(BPF_JEQ, AF_INET, 1),
      answer(kYes),
      unless_skip(BPF_JEQ, AF_INET6, 1),
      answer(kYes),
      answer(kNo),
      // tgkill(2): abort(3)'s, to itself. Others run as nobody, too.
      unless_skip(BPF_JEQ, SYS_tgkill, 4),
      load_argument(0),
      unless_skip(BPF_JEQ, static_cast<std::uint32_t>(::getpid()), 1),
      answer(kYes),
      answer(kNo),
      // mmap(2): nothing executable.
      unless_skip(BPF_JEQ, SYS_mmap, 4),
      load_argument(2),
      unless_skip(BPF_JSET, PROT_EXEC, 1),
      answer(kNo),
      answer(kYes),
  };
  for (const std::uint32_t number : kKept) {
    code.push_back(unless_skip(BPF_JEQ, number, 1));
    code.push_back(answer(kYes));
  }
  code.push_back(answer(kNo));
  return code;
}

}  // namespace

Result<void> give_up_system_calls() {
  std::vector<sock_filter> code = program();
  const sock_fprog filter{static_cast<unsigned short>(code.size()), code.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0) {
    return fail_errno("give up system calls");
  }
  return {};
}

}  // namespace mycontainer::runtime::network

// The data of the default seccomp profile (seccomp_default.h). Pure constants. Internal to this
// folder.
//
// Every system call of the policy appears once. A call that is in no list fails with ENOSYS, as if
// the kernel did not have it: that is right for what is newer than this table, and it is what
// programs that probe for the keyrings (add_key, keyctl, request_key: keys have no namespace) and
// for io_uring (its operations bypass this very filter) handle best.
#pragma once

#include <linux/capability.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/security/capabilities.h"
#include "runtime/security/seccomp_default.h"

namespace mycontainer::runtime::security::seccomp_table {

// The calling conventions a kernel of `architecture` offers to programs.
struct ArchGroup {
  std::string_view architecture;
  std::array<std::string_view, 3> names;
};
inline constexpr ArchGroup kArchitectures[] = {
    {"amd64", {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}},
    {"x86", {"SCMP_ARCH_X86"}},
    {"arm64", {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"}},
    {"arm", {"SCMP_ARCH_ARM"}},
    {"riscv64", {"SCMP_ARCH_RISCV64"}},
};

// Calls allowed always (capabilities == 0), or when the bounding set has one of `capabilities` or
// the kernel is at least `since`; refused with EPERM otherwise. On other architectures than those
// named the group does not exist.
struct Group {
  std::string_view names;
  CapabilityMask capabilities = 0;
  KernelVersion since{};
  std::string_view architectures{};
};

inline constexpr Group kGroups[] = {
    // Open files: reading, writing, positions, locks, readiness.
    {"_llseek _newselect close close_range copy_file_range creat dup dup2 dup3 epoll_create "
     "epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old "
     "eventfd eventfd2 fadvise64 fadvise64_64 fallocate fcntl fcntl64 fdatasync flock fsync "
     "ftruncate ftruncate64 ioctl lseek open openat openat2 pipe pipe2 poll ppoll ppoll_time64 "
     "pread64 preadv preadv2 pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead "
     "readv select sendfile sendfile64 splice sync sync_file_range syncfs tee vmsplice write "
     "writev"},
    // Asynchronous input and output of the older kind, which the filter does see.
    {"io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit "
     "ioprio_get ioprio_set"},
    // Names in the file tree and what is known about them. name_to_handle_at is harmless without
    // open_by_handle_at.
    {"access cachestat chdir chmod chown chown32 faccessat faccessat2 fanotify_mark fchdir fchmod "
     "fchmodat fchmodat2 fchown fchown32 fchownat fstat fstat64 fstatat64 fstatfs fstatfs64 "
     "futimesat getcwd getdents getdents64 inotify_add_watch inotify_init inotify_init1 "
     "inotify_rm_watch lchown lchown32 link linkat listmount lstat lstat64 mkdir mkdirat mknod "
     "mknodat name_to_handle_at newfstatat readdir readlink readlinkat rename renameat renameat2 "
     "rmdir stat stat64 statfs statfs64 statmount statx symlink symlinkat truncate truncate64 "
     "umask "
     "unlink unlinkat utime utimensat utimensat_time64 utimes"},
    // Extended attributes; the kernel checks each namespace of them.
    {"fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr "
     "listxattrat llistxattr lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat"},
    // Memory. Memory policies are below: they need CAP_SYS_NICE.
    {"brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 "
     "mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc "
     "pkey_free pkey_mprotect remap_file_pages"},
    // Processes and threads. clone and clone3 are below.
    {"alarm execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait "
     "futex_waitv futex_wake get_robust_list get_thread_area getcpu getpgid getpgrp getpid getppid "
     "getpriority getrlimit getrusage getsid gettid kill landlock_add_rule landlock_create_ruleset "
     "landlock_restrict_self nanosleep pause pidfd_open pidfd_send_signal prctl prlimit64 "
     "process_mrelease restart_syscall rseq sched_get_priority_max sched_get_priority_min "
     "sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval "
     "sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam "
     "sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address "
     "setpgid "
     "setpriority setrlimit setsid sysinfo tgkill times tkill ugetrlimit uname uretprobe vfork "
     "wait4 waitid waitpid"},
    // Signals, with the forms only 32-bit programs use.
    {"rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
     "rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaction sigaltstack signal "
     "signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend"},
    // Users, groups and capabilities: the kernel lets a process change only what it holds.
    {"capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 "
     "getresgid getresgid32 getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid "
     "setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 "
     "setresuid setresuid32 setreuid setreuid32 setuid setuid32"},
    // Clocks and timers. Setting the clock is below; adjtimex checks CAP_SYS_TIME itself.
    {"adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime "
     "clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer getrandom gettimeofday "
     "setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 "
     "timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 "
     "timerfd_settime timerfd_settime64"},
    // Sockets, once made: socket itself is below. socketcall is how 32-bit x86 says all of them.
    {"accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg "
     "recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall "
     "socketpair"},
    // System V IPC and POSIX message queues, each in the container's own IPC namespace.
    {"ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend "
     "mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop "
     "semtimedop_time64 shmat shmctl shmdt shmget"},

    // What one processor family needs.
    {"arch_prctl modify_ldt", 0, {}, "amd64 x32"},
    {"modify_ldt", 0, {}, "x86"},
    {"arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2",
     0,
     {},
     "arm arm64"},
    {"riscv_flush_icache riscv_hwprobe", 0, {}, "riscv64"},

    // Tracing another process: before Linux 4.8 the tracer could change a call after the filter had
    // passed it (CVE-2019-2054 and seccomp(2), "Interaction with ptrace").
    {"process_vm_readv process_vm_writev ptrace", capability_bit(CAP_SYS_PTRACE), {4, 8}},
    {"kcmp pidfd_getfd process_madvise", capability_bit(CAP_SYS_PTRACE)},

    // Any file of a filesystem by its number, past every mount (the "shocker" escape).
    {"open_by_handle_at", capability_bit(CAP_DAC_READ_SEARCH)},
    // New namespaces and mounts: the largest and most often broken part of the kernel.
    {"fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root setns "
     "umount umount2 unshare",
     capability_bit(CAP_SYS_ADMIN)},
    // Administration of the host.
    {"fanotify_init lookup_dcookie lsm_get_self_attr lsm_list_modules lsm_set_self_attr quotactl "
     "quotactl_fd setdomainname sethostname",
     capability_bit(CAP_SYS_ADMIN)},
    {"bpf", capability_bit(CAP_SYS_ADMIN) | capability_bit(CAP_BPF)},
    {"perf_event_open", capability_bit(CAP_SYS_ADMIN) | capability_bit(CAP_PERFMON)},
    // The kernel's log holds its addresses and other containers' messages.
    {"syslog", capability_bit(CAP_SYS_ADMIN) | capability_bit(CAP_SYSLOG)},
    {"reboot", capability_bit(CAP_SYS_BOOT)},
    {"chroot", capability_bit(CAP_SYS_CHROOT)},
    {"delete_module finit_module init_module query_module", capability_bit(CAP_SYS_MODULE)},
    {"acct", capability_bit(CAP_SYS_PACCT)},
    {"ioperm iopl", capability_bit(CAP_SYS_RAWIO)},
    // Time has no namespace that would keep a change inside.
    {"clock_settime clock_settime64 settimeofday stime", capability_bit(CAP_SYS_TIME)},
    {"vhangup", capability_bit(CAP_SYS_TTY_CONFIG)},
    // On which memory bank pages lie: slows down the neighbours.
    {"get_mempolicy mbind set_mempolicy set_mempolicy_home_node", capability_bit(CAP_SYS_NICE)},
};

// Refused with EPERM whatever the capabilities: obsolete, or an attacker's tool before anything
// else (userfaultfd holds the kernel still in the middle of a race), or the whole machine's.
inline constexpr std::string_view kRefused =
    "bdflush kexec_file_load kexec_load migrate_pages move_pages nfsservctl nice oldfstat oldlstat "
    "oldolduname oldstat olduname sgetmask ssetmask swapoff swapon sysfs uselib userfaultfd ustat "
    "vm86 vm86old";

// Whether a call is allowed depends on one of its arguments, which is compared as all 64 bits.
struct Condition {
  std::uint32_t argument;
  std::string_view op;
  std::uint64_t value;
  std::uint64_t value_two = 0;
};
constexpr Condition equal(std::uint64_t value) { return {0, "SCMP_CMP_EQ", value}; }

// Every personality(2) that only changes what is reported (uname26, a 32-bit machine); the others
// weaken memory protection. The last one asks without changing.
inline constexpr Condition kPersonalities[] = {
    equal(0x0), equal(0x8), equal(0x20000), equal(0x20008), equal(0xffffffff),
};

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: none of them set.
inline constexpr std::uint64_t kNamespaceFlags = 0x7e020000;
inline constexpr Condition kPlainClone[] = {{0, "SCMP_CMP_MASKED_EQ", kNamespaceFlags, 0}};
constexpr Condition flag_set(std::uint64_t flag) { return {0, "SCMP_CMP_MASKED_EQ", flag, flag}; }
inline constexpr Condition kNamespaceClone[] = {
    flag_set(0x00020000), flag_set(0x02000000), flag_set(0x04000000), flag_set(0x08000000),
    flag_set(0x10000000), flag_set(0x20000000), flag_set(0x40000000),
};

// Address families. Left out: 38 ALG (the kernel's cryptography, a large surface), 40 VSOCK (leads
// out to the hypervisor, has no namespace), and those nobody uses and many have broken: 12 DECnet,
// 19 Econet, 20 ATM SVC, 23 IrDA, 25 WAN pipe, 34 IUCV, 37 CAIF, everything above 45.
inline constexpr Condition kFamilies[] = {
    {0, "SCMP_CMP_LT", 12},
    equal(13),
    equal(14),
    equal(15),
    equal(16),
    equal(17),
    equal(18),
    equal(21),
    equal(22),
    equal(24),
    equal(26),
    equal(27),
    equal(28),
    equal(29),
    equal(30),
    equal(31),
    equal(32),
    equal(33),
    equal(35),
    equal(36),
    equal(39),
    equal(41),
    equal(42),
    equal(43),
    equal(44),
    equal(45),
};
inline constexpr Condition kClosedFamilies[] = {
    equal(12), equal(19), equal(20), equal(23), equal(25),
    equal(34), equal(37), equal(38), equal(40), {0, "SCMP_CMP_GT", 45},
};

// Allowed outright with one of `capabilities`. What neither list covers is answered with ENOSYS.
struct ConditionalCall {
  std::string_view name;
  CapabilityMask capabilities;
  std::span<const Condition> allowed, refused;
};
inline constexpr ConditionalCall kConditional[] = {
    {"personality", 0, kPersonalities, {}},
    {"socket", 0, kFamilies, kClosedFamilies},
    {"clone", capability_bit(CAP_SYS_ADMIN), kPlainClone, kNamespaceClone},
    // A filter cannot read clone3's flags, they are in memory: glibc falls back to clone on ENOSYS.
    {"clone3", capability_bit(CAP_SYS_ADMIN), {}, {}},
};

}  // namespace mycontainer::runtime::security::seccomp_table

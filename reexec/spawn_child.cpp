// The child between clone and execve. Raw system calls only: glibc's setuid family would signal the
// parent's threads, and sanitizers must not instrument code that runs on borrowed memory.
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "reexec/spawn_plan.h"
#include "reexec/sys/syscalls.h"

#define BARE __attribute__((no_sanitize("address", "undefined")))

namespace mycontainer::reexec {

namespace {

[[noreturn]] BARE void leave(SpawnPlan& plan, ChildStep step, int error) noexcept {
  plan.outcome->error = error;
  plan.outcome->step = step;
  while (true) ::syscall(SYS_exit_group, 127);
}

BARE void check(SpawnPlan& plan, ChildStep step, long result) noexcept {
  if (result < 0) leave(plan, step, errno);
}

// The parent has written the id maps and the cgroup, or it is gone.
BARE void wait_for_go(SpawnPlan& plan) noexcept {
  ::syscall(SYS_close, plan.sync_other);
  char byte = 0;
  long count = -1;
  do count = ::syscall(SYS_read, plan.sync_fd, &byte, 1);
  while (count < 0 && errno == EINTR);
  if (count != 1) leave(plan, ChildStep::kHandshake, count < 0 ? errno : ECANCELED);
}

BARE void enter_cgroup(SpawnPlan& plan) noexcept {
  const long fd =
      ::syscall(SYS_openat, plan.attributes->cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  check(plan, ChildStep::kCgroup, fd);
  check(plan, ChildStep::kCgroup, ::syscall(SYS_write, fd, "0", 1));
  ::syscall(SYS_close, fd);
  // The root of a cgroup namespace is the cgroup its first process is in.
  if (plan.late_namespaces == 0) return;
  check(plan, ChildStep::kNamespace, ::syscall(SYS_unshare, plan.late_namespaces));
}

// Not dumpable first: whoever lives in those namespaces must not open our descriptors through
// /proc (CVE-2016-9962). Joining always happens in a copy, so the parent's flag stays as it is.
BARE void join_namespaces(SpawnPlan& plan) noexcept {
  check(plan, ChildStep::kNamespace, ::syscall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0));
  for (const JoinNamespace& one : plan.attributes->join) {
    check(plan, ChildStep::kNamespace, ::syscall(SYS_setns, one.fd, one.type));
  }
}

// A joined PID namespace holds only children born after setns(2): CLONE_PARENT makes that one the
// parent's child, and its number, written to shared memory, means the same to the parent.
BARE void run_second(void* plan) noexcept;

[[noreturn]] BARE void start_second(SpawnPlan& plan) noexcept {
  alignas(16) std::byte stack[16 << 10];
  clone_args args{};
  args.flags = plan.second_namespaces | CLONE_PARENT | CLONE_CLEAR_SIGHAND;
  long pid = clone_vfork(args, stack, run_second, &plan);
  if (pid < 0 && errno == ENOSYS) {  // an outer seccomp filter; as in spawn.cpp
    plan.reset_all_signals = true;
    const std::uint64_t flags = plan.second_namespaces | CLONE_PARENT | CLONE_VFORK;
    pid = ::syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr);
    if (pid == 0) run_second(&plan);
  }
  check(plan, ChildStep::kClone, pid);
  plan.outcome->second = static_cast<pid_t>(pid);
  while (true) ::syscall(SYS_exit_group, 0);
}

// execve(2) keeps the capabilities of a new user namespace only for its user 0.
BARE void become_root(SpawnPlan& plan) noexcept {
  if (plan.become_root_group) {
    check(plan, ChildStep::kBecomeRoot, ::syscall(SYS_setresgid, 0, 0, 0));
  }
  if (plan.become_root_user) {
    check(plan, ChildStep::kBecomeRoot, ::syscall(SYS_setresuid, 0, 0, 0));
  }
}

BARE void enter_session(SpawnPlan& plan) noexcept {
  const Attributes& wanted = *plan.attributes;
  if (wanted.new_session) check(plan, ChildStep::kSession, ::syscall(SYS_setsid));
  if (wanted.process_group) {
    check(plan, ChildStep::kSession, ::syscall(SYS_setpgid, 0, *wanted.process_group));
  }
}

// CLOSE_RANGE_CLOEXEC came with Linux 5.11: one by one on 5.10.
BARE void close_at_exec(FdRange range) noexcept {
  if (sys::close_range(range.first, range.last, CLOSE_RANGE_CLOEXEC) == 0) return;
  rlimit limit{};
  ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit);
  const rlim_t end = limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
  for (rlim_t fd = range.first; fd <= range.last && fd < end; ++fd) {
    ::syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
  }
}

BARE void place_descriptors(SpawnPlan& plan) noexcept {
  for (int* fd : plan.lifts) {
    plan.outcome->detail = *fd;
    const long lifted = ::syscall(SYS_fcntl, *fd, F_DUPFD_CLOEXEC, plan.lift_base);
    check(plan, ChildStep::kDescriptors, lifted);
    *fd = static_cast<int>(lifted);
  }
  for (const FdMove& move : plan.moves) {
    plan.outcome->detail = move.source;
    const long done = move.source == move.target ? ::syscall(SYS_fcntl, move.target, F_SETFD, 0)
                                                 : ::syscall(SYS_dup3, move.source, move.target, 0);
    check(plan, ChildStep::kDescriptors, done);
  }
  for (const FdRange& range : plan.close) close_at_exec(range);
}

BARE void enter_chroot(SpawnPlan& plan) noexcept {
  check(plan, ChildStep::kChroot, ::syscall(SYS_chroot, plan.attributes->chroot.c_str()));
  check(plan, ChildStep::kChroot, ::syscall(SYS_chdir, "/"));
}

BARE void set_oom_score(SpawnPlan& plan) noexcept {
  char text[12];
  int value = *plan.attributes->oom_score_adj;
  const bool negative = value < 0;
  if (negative) value = -value;
  std::size_t at = sizeof text;
  do text[--at] = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  if (negative) text[--at] = '-';
  const long fd = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  check(plan, ChildStep::kOomScore, fd);
  check(plan, ChildStep::kOomScore, ::syscall(SYS_write, fd, text + at, sizeof text - at));
  ::syscall(SYS_close, fd);
}

BARE void set_limits(SpawnPlan& plan) noexcept {
  for (const ResourceLimit& limit : plan.attributes->limits) {
    check(plan, ChildStep::kLimit,
          ::syscall(SYS_prlimit64, 0, limit.resource, &limit.value, nullptr));
  }
  if (plan.attributes->umask) ::syscall(SYS_umask, *plan.attributes->umask);
}

// While still privileged: drop what may never come back, and keep the rest across setresuid.
BARE void drop_bounding(SpawnPlan& plan) noexcept {
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((plan.attributes->capabilities->bounding >> bit & 1) != 0) continue;
    if (::syscall(SYS_prctl, PR_CAPBSET_DROP, bit, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;  // beyond the last capability of this kernel
    leave(plan, ChildStep::kCapabilities, errno);
  }
  check(plan, ChildStep::kCapabilities, ::syscall(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0));
}

BARE void set_credentials(SpawnPlan& plan) noexcept {
  const Credentials& wanted = *plan.attributes->credentials;
  if (wanted.groups) {
    check(plan, ChildStep::kCredentials,
          ::syscall(SYS_setgroups, wanted.groups->size(), wanted.groups->data()));
  }
  check(plan, ChildStep::kCredentials,
        ::syscall(SYS_setresgid, wanted.gid, wanted.gid, wanted.gid));
  check(plan, ChildStep::kCredentials,
        ::syscall(SYS_setresuid, wanted.uid, wanted.uid, wanted.uid));
}

BARE void set_capabilities(SpawnPlan& plan) noexcept {
  const CapabilitySets& sets = *plan.attributes->capabilities;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  for (unsigned half = 0; half < 2; ++half) {
    data[half].effective = static_cast<std::uint32_t>(sets.effective >> (32 * half));
    data[half].permitted = static_cast<std::uint32_t>(sets.permitted >> (32 * half));
    data[half].inheritable = static_cast<std::uint32_t>(sets.inheritable >> (32 * half));
  }
  check(plan, ChildStep::kCapabilities, ::syscall(SYS_capset, &header, data));
  check(plan, ChildStep::kCapabilities,
        ::syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((sets.ambient >> bit & 1) == 0) continue;
    check(plan, ChildStep::kCapabilities,
          ::syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0));
  }
}

// The signal is lost when the parent ended before prctl: its pidfd says so. getppid(2) would be 0
// in a PID namespace in any case.
BARE void set_death_signal(SpawnPlan& plan) noexcept {
  check(plan, ChildStep::kDeathSignal,
        ::syscall(SYS_prctl, PR_SET_PDEATHSIG, plan.attributes->parent_death_signal, 0, 0, 0));
  pollfd parent{plan.parent_pidfd, POLLIN, 0};
  timespec now{};
  if (::syscall(SYS_ppoll, &parent, 1, &now, nullptr, 8) != 0) {
    leave(plan, ChildStep::kDeathSignal, ESRCH);
  }
}

BARE void enter_directory(SpawnPlan& plan) noexcept {
  if (plan.cwd_fd >= 0) check(plan, ChildStep::kDirectory, ::syscall(SYS_fchdir, plan.cwd_fd));
  if (plan.cwd != nullptr) check(plan, ChildStep::kDirectory, ::syscall(SYS_chdir, plan.cwd));
}

// The kernel's own struct sigaction, for the raw call.
struct KernelAction {
  unsigned long handler;
  unsigned long flags;
  unsigned long restorer;
  std::uint64_t mask;
};

// Handled signals were reset by CLONE_CLEAR_SIGHAND or will be by execve: this is for ignored ones.
BARE void set_signals(SpawnPlan& plan) noexcept {
  const Attributes& wanted = *plan.attributes;
  constexpr int kSignals = 64;
  const bool reset = !wanted.keep_dispositions || plan.reset_all_signals;
  for (int number = 1; reset && number <= kSignals; ++number) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    const KernelAction action{};
    ::syscall(SYS_rt_sigaction, number, &action, nullptr, 8);
  }
  for (const int number : wanted.ignored_signals) {
    const KernelAction action{1, 0, 0, 0};
    check(plan, ChildStep::kSignals, ::syscall(SYS_rt_sigaction, number, &action, nullptr, 8));
  }
  const std::uint64_t none = 0;
  const void* mask = wanted.signal_mask ? static_cast<const void*>(&*wanted.signal_mask) : &none;
  check(plan, ChildStep::kSignals, ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, nullptr, 8));
}

BARE void set_identity(SpawnPlan& plan) noexcept {
  const Attributes& wanted = *plan.attributes;
  if (wanted.capabilities) drop_bounding(plan);
  if (wanted.credentials) set_credentials(plan);
  if (wanted.capabilities) set_capabilities(plan);
  if (wanted.no_new_privs) {
    check(plan, ChildStep::kNoNewPrivileges, ::syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  }
}

[[noreturn]] BARE void execute(SpawnPlan& plan) noexcept {
  const int flags = plan.exec_fd == AT_FDCWD ? 0 : AT_EMPTY_PATH;
  ::syscall(SYS_execveat, plan.exec_fd, plan.path, plan.argv, plan.envp, flags);
  leave(plan, ChildStep::kExec, errno);
}

// What follows once the process is where it belongs.
[[noreturn]] BARE void prepare_and_execute(SpawnPlan& plan) noexcept {
  const Attributes& wanted = *plan.attributes;
  enter_session(plan);
  place_descriptors(plan);
  if (wanted.controlling_terminal)
    check(plan, ChildStep::kTerminal, ::syscall(SYS_ioctl, 0, TIOCSCTTY, 0));
  if (wanted.oom_score_adj) set_oom_score(plan);
  if (!wanted.chroot.empty()) enter_chroot(plan);
  set_limits(plan);
  set_identity(plan);
  if (wanted.parent_death_signal != 0) set_death_signal(plan);
  enter_directory(plan);
  set_signals(plan);
  execute(plan);
}

BARE void run_second(void* plan) noexcept { prepare_and_execute(*static_cast<SpawnPlan*>(plan)); }

}  // namespace

BARE void run_child(void* argument) noexcept {
  SpawnPlan& plan = *static_cast<SpawnPlan*>(argument);
  if (plan.sync_fd >= 0) wait_for_go(plan);
  if (plan.move_to_cgroup) enter_cgroup(plan);
  if (!plan.attributes->join.empty()) join_namespaces(plan);
  if (plan.second_process) start_second(plan);
  become_root(plan);
  prepare_and_execute(plan);
}

}  // namespace mycontainer::reexec

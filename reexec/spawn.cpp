// The parent's half of a start: which clone, the hand-shake with a child that needs id maps, and
// what became of it.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>

#include "reexec/id_maps.h"
#include "reexec/spawn_plan.h"
#include "reexec/sys/syscalls.h"

namespace mycontainer::reexec {

const char* name_of(ChildStep step) {
  switch (step) {
    case ChildStep::kNone:
      return "start";
    case ChildStep::kHandshake:
      return "wait for the parent";
    case ChildStep::kCgroup:
      return "enter cgroup";
    case ChildStep::kNamespace:
      return "enter namespace";
    case ChildStep::kClone:
      return "clone";
    case ChildStep::kBecomeRoot:
      return "become root of the user namespace";
    case ChildStep::kSession:
      return "set session or process group";
    case ChildStep::kDescriptors:
      return "give descriptor";
    case ChildStep::kTerminal:
      return "set controlling terminal";
    case ChildStep::kChroot:
      return "chroot";
    case ChildStep::kOomScore:
      return "set oom_score_adj";
    case ChildStep::kLimit:
      return "set resource limit";
    case ChildStep::kCapabilities:
      return "set capabilities";
    case ChildStep::kCredentials:
      return "set user and groups";
    case ChildStep::kNoNewPrivileges:
      return "set no_new_privs";
    case ChildStep::kDeathSignal:
      return "set parent death signal";
    case ChildStep::kDirectory:
      return "enter working directory";
    case ChildStep::kSignals:
      return "set signals";
    case ChildStep::kExec:
      return "exec";
  }
  return "start";
}

namespace {

constexpr std::size_t kStackSize = 64 << 10;

struct Born {
  long pid = -1;
  UniqueFd pidfd{};
};

// One page that a copied child and its parent share, for one Outcome.
struct Unmap {
  void operator()(Outcome* outcome) const { ::munmap(outcome, sizeof(Outcome)); }
};
using SharedOutcome = std::unique_ptr<Outcome, Unmap>;

Result<SharedOutcome> make_shared_outcome() {
  void* memory =
      ::mmap(nullptr, sizeof(Outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail_errno("mmap");
  return SharedOutcome(new (memory) Outcome);
}

// Without CLONE_CLEAR_SIGHAND a copied child could run the parent's handlers.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

clone_args clone_args_of(const SpawnPlan& plan, int* pidfd) {
  const Attributes& wanted = *plan.attributes;
  clone_args args{};
  args.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
  // With a joined PID namespace the new namespaces are those of the second process.
  if (!plan.second_process) args.flags |= wanted.new_namespaces & ~plan.late_namespaces;
  args.pidfd = reinterpret_cast<std::uint64_t>(pidfd);
  args.exit_signal = SIGCHLD;
  if (wanted.cgroup_fd >= 0 && !plan.move_to_cgroup) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(wanted.cgroup_fd);
  }
  return args;
}

__attribute__((no_sanitize("address", "undefined"))) long clone_shared(const clone_args& args,
                                                                       SpawnPlan& plan) {
  alignas(16) std::byte stack[kStackSize];
  return clone_vfork(args, stack, run_child, &plan);
}

// clone(2) as an outer seccomp filter without clone3 allows it; its flags have 32 bits only.
long clone_old(const clone_args& args) {
  const std::uint64_t flags = args.flags & 0xffffff00u;
  return ::syscall(SYS_clone, flags | SIGCHLD, nullptr, args.pidfd, nullptr, nullptr);
}

long clone_copied(const clone_args& args, SpawnPlan& plan, bool old) {
  clone_args copy = args;
  const long pid = old ? clone_old(copy) : sys::clone3(&copy);
  if (pid == 0) run_child(&plan);
  return pid;
}

enum class Way {
  kShared,  // memory and all, until execve
  kCopied,
  kOld,  // copied, by clone(2)
};

// Changing credentials on shared memory would make the parent undumpable and give a process of
// another user access to it; so would joining a namespace.
bool copy_needed(const SpawnPlan& plan) {
  const Attributes& wanted = *plan.attributes;
  return wanted.credentials || wanted.capabilities || !wanted.join.empty() || plan.sync_fd >= 0;
}

// The child is born in the cgroup where the kernel can do that; where it cannot, it moves itself.
void leave_cgroup_to_child(SpawnPlan& plan) {
  plan.move_to_cgroup = true;
  plan.late_namespaces = plan.attributes->new_namespaces & CLONE_NEWCGROUP;
}

bool cgroup_refused(int code) { return code == EBADF || code == EINVAL || code == EOPNOTSUPP; }

// An outer seccomp filter answers ENOSYS or EPERM to clone3; clone(2) has no bit for NEWTIME.
bool old_clone_may_help(int code, const Attributes& wanted) {
  if ((wanted.new_namespaces & CLONE_NEWTIME) != 0) return false;
  return code == ENOSYS || code == EPERM || code == EINVAL;
}

long clone_by(Way way, SpawnPlan& plan, int* pidfd) {
  clone_args args = clone_args_of(plan, pidfd);
  if (way == Way::kShared) return clone_shared(args, plan);
  // Suspended until the execve, unless the child waits for our help.
  if (plan.sync_fd < 0) args.flags |= CLONE_VFORK;
  if (way == Way::kCopied) return clone_copied(args, plan, false);
  plan.reset_all_signals = true;
  const BlockedSignals blocked;
  return clone_copied(args, plan, true);
}

// One try after the other, from the cheapest to what every kernel and every outer filter allows.
Result<Born> clone_child(SpawnPlan& plan, SharedOutcome& shared) {
  int pidfd = -1;
  const auto attempt = [&](Way way) -> Result<long> {
    if (way != Way::kShared && !shared) {
      TRY(shared, make_shared_outcome());
      plan.outcome = shared.get();
    }
    return clone_by(way, plan, &pidfd);
  };
  const bool copy = copy_needed(plan);
  const bool cgroup = plan.attributes->cgroup_fd >= 0;
  TRY(long pid, attempt(copy ? Way::kCopied : Way::kShared));
  if (pid < 0 && cgroup && cgroup_refused(errno)) {
    leave_cgroup_to_child(plan);
    TRY(pid, attempt(copy ? Way::kCopied : Way::kShared));
  }
  if (pid < 0 && !copy && errno == EINVAL) {
    TRY(pid, attempt(Way::kCopied));
  }
  if (pid < 0 && old_clone_may_help(errno, *plan.attributes)) {
    if (cgroup) leave_cgroup_to_child(plan);
    TRY(pid, attempt(Way::kOld));
  }
  if (pid < 0) return fail_errno("clone");
  return Born{pid, UniqueFd(pidfd)};
}

// Reaps a process that failed on its way, and tells what it said.
Failure failure_of(const Outcome& outcome, Process dead) {
  (void)dead.wait();
  if (outcome.second > 0) {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(outcome.second), &info, WEXITED);
  }
  std::string operation = name_of(outcome.step);
  if (outcome.step == ChildStep::kDescriptors) operation += fmt::format(" {}", outcome.detail);
  Error error{std::move(operation), outcome.error, {}, 0};
  if (outcome.step == ChildStep::kExec) error.exit_status = outcome.error == ENOENT ? 127 : 126;
  return Failure(std::move(error));
}

// The parent's part of the hand-shake: maps, one byte, then end of file when the child executed
// its program or ended.
Result<void> help_child(UniqueFd sync, const Attributes& wanted, pid_t pid) {
  TRY_VOID(write_id_maps(pid, wanted));
  char byte = 'g';
  if (::send(sync.get(), &byte, 1, MSG_NOSIGNAL) != 1 && errno != EPIPE) {
    return fail_errno("tell the child to go on");
  }
  while (::recv(sync.get(), &byte, 1, 0) < 0 && errno == EINTR) continue;
  return {};
}

// With a joined PID namespace the process that was started is the second one; the first has ended.
Result<Process> second_of(const Outcome& outcome, Process first) {
  if (outcome.second <= 0) return fail("the child was killed while it started the program");
  UniqueFd pidfd(sys::pidfd_open(outcome.second, 0));
  if (!pidfd) return fail_errno("open process {}", outcome.second);
  TRY_VOID(first.wait());
  return Process::from_child(std::move(pidfd), outcome.second);
}

}  // namespace

Result<Process> spawn(SpawnPlan& plan, SyncPair sync) {
  Outcome own;
  SharedOutcome shared;
  plan.outcome = &own;
  TRY(Born born, clone_child(plan, shared));
  sync.child.reset();
  Process process = Process::from_child(std::move(born.pidfd), static_cast<pid_t>(born.pid));
  if (sync.parent) {
    TRY_VOID(help_child(std::move(sync.parent), *plan.attributes, process.pid()));
  }
  if (plan.outcome->step != ChildStep::kNone) return failure_of(*plan.outcome, std::move(process));
  if (plan.second_process) return second_of(*plan.outcome, std::move(process));
  return process;
}

}  // namespace mycontainer::reexec

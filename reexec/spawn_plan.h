// What the code between clone and execve is told: everything laid out before, nothing to allocate.
// Written by the parent (command.cpp, starter.cpp), carried out by the child (spawn_child.cpp).
#pragma once

#include <linux/sched.h>
#include <sys/types.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <span>

#include "reexec/attributes.h"
#include "reexec/process.h"
#include "reexec/sys/error.h"

namespace mycontainer::reexec {

// Where the child was when something failed. The order is the order of the work.
enum class ChildStep : std::int32_t {
  kNone,
  kHandshake,
  kCgroup,
  kNamespace,
  kClone,
  kBecomeRoot,
  kSession,
  kDescriptors,
  kTerminal,
  kChroot,
  kOomScore,
  kLimit,
  kCapabilities,
  kCredentials,
  kNoNewPrivileges,
  kDeathSignal,
  kDirectory,
  kSignals,
  kExec,
};
const char* name_of(ChildStep step);

// The child's only words, in memory that parent and child share.
struct Outcome {
  ChildStep step = ChildStep::kNone;
  int error = 0;
  int detail = 0;    // the number of the descriptor that failed
  pid_t second = 0;  // the process that went into a joined PID namespace
};

// Descriptor `source` becomes `target`.
struct FdMove {
  int source;
  int target;
};
// Descriptors first..last are closed at execve.
struct FdRange {
  unsigned first;
  unsigned last;
};

struct SpawnPlan {
  const Attributes* attributes = nullptr;
  Outcome* outcome = nullptr;

  int exec_fd = -1;  // or AT_FDCWD with `path`
  const char* path = "";
  char* const* argv = nullptr;
  char* const* envp = nullptr;

  std::span<FdMove> moves{};
  // Descriptor numbers in this plan that are some move's target: duplicated above all targets
  // before the first move, so that no move overwrites what is needed later.
  std::span<int* const> lifts{};
  int lift_base = 3;
  std::span<const FdRange> close{};

  int cwd_fd = -1;
  const char* cwd = nullptr;
  int parent_pidfd = -1;  // with a death signal: tells whether the parent is gone already

  int sync_fd = -1;     // child's end: one byte means go on
  int sync_other = -1;  // parent's end, inherited by a copied child
  bool move_to_cgroup = false;
  bool become_root_group = false;
  bool become_root_user = false;
  std::uint64_t late_namespaces = 0;    // to unshare after the move to a cgroup
  std::uint64_t second_namespaces = 0;  // new ones of the process in the joined PID namespace
  bool second_process = false;
  bool reset_all_signals = false;  // handlers were inherited: whatever keep_dispositions says
};

// The child's half: carries out the plan and never returns. Async-signal-safe: it may run on the
// parent's memory while the parent is suspended.
[[noreturn]] void run_child(void* plan) noexcept;

// clone3(2) with CLONE_VM | CLONE_VFORK: `body`, which must not return, runs on `stack` while the
// caller is suspended until its execve or exit. -1 and errno as the system call; ENOSYS on a
// processor for which it is not written. Signals need not be blocked meanwhile: the caller is
// suspended, and CLONE_CLEAR_SIGHAND, which args must have, leaves the child no handler to run.
long clone_vfork(const clone_args& args, std::span<std::byte> stack, void (*body)(void*) noexcept,
                 void* argument) noexcept;

// The hand-shake with a child whose id maps the parent writes; empty without one.
struct SyncPair {
  UniqueFd parent{};
  UniqueFd child{};
};

// The parent's half: starts the child in the cheapest way the plan allows and waits until it
// executes the program or fails.
Result<Process> spawn(SpawnPlan& plan, SyncPair sync);

}  // namespace mycontainer::reexec

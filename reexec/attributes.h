// The attributes a child process is born with: plain data, filled in by the parent and applied by
// Command between clone and execve. Parent side.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mycontainer::reexec {

// One line of /proc/PID/uid_map (user_namespaces(7)).
struct IdMap {
  std::uint32_t inside = 0;
  std::uint32_t outside = 0;
  std::uint32_t count = 1;
};

// A namespace to enter (setns(2)). `type` is the CLONE_NEW* flag it must be of. The descriptor
// stays the caller's.
struct JoinNamespace {
  int fd = -1;
  int type = 0;
};

// Numbers inside the child's user namespace. `groups` are the supplementary ones; nullopt leaves
// them alone (setgroups(2) may be denied).
struct Credentials {
  uid_t uid = 0;
  gid_t gid = 0;
  std::optional<std::vector<gid_t>> groups = std::vector<gid_t>{};
};

// The five sets of capabilities(7) as bit masks; bit n is capability n. They are what the child has
// right before execve, whose own rules come after (ambient capabilities survive it). A bounding bit
// cannot be gained, only dropped.
struct CapabilitySets {
  std::uint64_t bounding = 0;
  std::uint64_t permitted = 0;
  std::uint64_t effective = 0;
  std::uint64_t inheritable = 0;
  std::uint64_t ambient = 0;
};

struct ResourceLimit {
  int resource = 0;  // RLIMIT_*
  rlimit value{};
};

// Applied in the order of this struct's members, except where a member says otherwise.
struct Attributes {
  std::uint64_t new_namespaces = 0;  // CLONE_NEW*, for clone3(2)
  // Entered in this order by the child (a user namespace first, when it gives the right to enter
  // the others). With a PID namespace among them the started process is its member.
  std::vector<JoinNamespace> join{};
  // For CLONE_NEWUSER. Written by the parent before the child goes on, directly or, where the
  // kernel refuses that (EPERM), by newuidmap(1)/newgidmap(1). The child then becomes user and
  // group 0 of the namespace as far as these are mapped, because execve(2) as an unmapped user
  // would drop every capability.
  std::vector<IdMap> uid_map{};
  std::vector<IdMap> gid_map{};
  bool deny_setgroups = false;  // needed for an ordinary user's own gid_map
  // A cgroup directory. Version 2: the child is born in it (CLONE_INTO_CGROUP, Linux 5.7); else it
  // is moved there before anything else happens. Stays the caller's.
  int cgroup_fd = -1;
  bool new_session = false;              // setsid(2)
  std::optional<pid_t> process_group{};  // setpgid(2); 0 makes it the leader of a new one
  bool controlling_terminal = false;     // of descriptor 0, after new_session
  std::string chroot{};                  // and then chdir("/")
  std::optional<int> oom_score_adj{};
  std::vector<ResourceLimit> limits{};
  std::optional<mode_t> umask{};
  std::optional<CapabilitySets> capabilities{};
  std::optional<Credentials> credentials{};
  bool no_new_privs = false;
  // prctl(PR_SET_PDEATHSIG): sent when the *thread* that started the child ends. Set after the
  // credentials, which would clear it; a parent that died before then is noticed.
  int parent_death_signal = 0;
  // The child begins with no signal ignored or handled and none blocked, whatever the parent did,
  // except for these. keep_dispositions leaves ignored what the parent ignores, and saves 62
  // system calls: for an entry that sets its dispositions itself.
  bool keep_dispositions = false;
  std::vector<int> ignored_signals{};
  std::optional<sigset_t> signal_mask{};
};

}  // namespace mycontainer::reexec

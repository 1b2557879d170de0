// What the child half has to do, as plain data: made by runtime/launch in the parent, carried over
// the channel, read by the steps.
//
// Every struct lists its members in fields(), which is how the channel's codec (reexec/wire.h)
// writes and reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rootfs/layer/overlay.h"
#include "rootfs/mount/plan.h"
#include "runtime/init/scheduling.h"
#include "runtime/security/capabilities.h"

namespace mycontainer::runtime::init {

using StringPairs = std::vector<std::pair<std::string, std::string>>;

// What becomes "/" of the container: an overlay, a bind of a directory, or a mount the parent made
// and sent along.
struct RootPlan {
  enum class Kind : std::uint8_t { kOverlay, kBind, kGiven };
  Kind kind = Kind::kBind;
  std::string directory;  // kBind: what is bound
  rootfs::layer::OverlayRequest overlay;
  // The owners of `directory` are ids inside the container's user namespace, not the host's.
  bool shift_owners = false;
  bool readonly = false;
  std::string propagation;  // rootfsPropagation; empty means rprivate
  bool no_pivot = false;    // chroot instead, where "/" is the initramfs; weaker

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.kind, self.directory, self.overlay, self.shift_owners, self.readonly,
                    self.propagation, self.no_pivot);
  }
};

struct MappedIds {
  std::uint32_t inside = 0, outside = 0, count = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.inside, self.outside, self.count);
  }
};

// A mount, and where its detached form comes from: made by the child (given < 0), or the given-th
// descriptor that came with the plan (the parent prepares what the child's user namespace may not,
// and whatever has its ids mapped).
struct PlannedMount {
  rootfs::mount::MountPlan mount;
  std::int32_t given = -1;
  // With mount.idmap, for the parent: both empty mean the mapping of the container's user
  // namespace.
  std::vector<MappedIds> uid_map{}, gid_map{};

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.mount, self.given, self.uid_map, self.gid_map);
  }
};

struct PlannedDevice {
  std::string path;
  std::uint32_t mode = 0;  // S_IFCHR | 0666, as mknod(2) takes it
  std::uint32_t major = 0, minor = 0;
  std::uint32_t uid = 0, gid = 0;
  // Bind the host's node instead of making one (a user namespace may not make any).
  bool bind = false;
  std::string host_path;
  std::int32_t given = -1;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.path, self.mode, self.major, self.minor, self.uid, self.gid, self.bind,
                    self.host_path, self.given);
  }
};

struct PlannedRlimit {
  std::int32_t resource = 0;
  std::uint64_t soft = 0, hard = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.resource, self.soft, self.hard);
  }
};

struct IdentityPlan {
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  bool may_set_groups = true;  // false where a user namespace denies setgroups(2)
  std::optional<std::uint32_t> umask;
  std::optional<security::CapabilitySets> capabilities;
  bool no_new_privileges = false;
  std::string session_keyring;  // a name to join or make (keyctl(2)); empty: stays in ours
  std::string apparmor_profile, selinux_label;
  std::string seccomp_filter;  // compiled: an array of sock_filter; empty: none
  std::uint32_t seccomp_flags = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.uid, self.gid, self.groups, self.may_set_groups, self.umask,
                    self.capabilities, self.no_new_privileges, self.session_keyring,
                    self.apparmor_profile, self.selinux_label, self.seccomp_filter,
                    self.seccomp_flags);
  }
};

struct TerminalPlan {
  std::uint16_t rows = 0, columns = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.rows, self.columns);
  }
};

// A hook that runs in the container's namespaces (runtime/hooks runs it).
struct PlannedHook {
  std::string path;
  std::vector<std::string> args, env;
  std::optional<std::int32_t> timeout;  // seconds

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.path, self.args, self.env, self.timeout);
  }
};

// The hooks that the child runs or waits for, and what they read on standard input.
struct HooksPlan {
  // prestart and createRuntime hooks: the parent runs them when the child says kHooks, with all
  // mounts in place and before the pivot.
  bool parent_has_some = false;
  std::vector<PlannedHook> create_container, start_container;
  std::string creating_state, created_state;  // the state document (runtime.md), as JSON

  [[nodiscard]] bool before_pivot() const { return parent_has_some || !create_container.empty(); }

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.parent_has_some, self.create_container, self.start_container,
                    self.creating_state, self.created_state);
  }
};

// Descriptors that came with the plan, by their index; -1: none.
struct GivenPlan {
  // Both of a container that is created now and started later: the child reads one byte of the
  // fifo before it goes on, and writes a failure after that into the file.
  std::int32_t start_fifo = -1, start_failure = -1;
  std::vector<std::int32_t> preserved;  // become 3, 4, ... of the program

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.start_fifo, self.start_failure, self.preserved);
  }
};

struct InitPlan {
  // What is made: a container, or one more process in a container that runs.
  enum class Kind : std::uint8_t { kContainer, kExec };
  Kind kind = Kind::kContainer;
  bool become_root = false;  // of a user namespace that the join stage made (join.h)
  bool loopback = false;     // bring "lo" up: set when the network namespace is new
  bool cgroup_namespace =
      false;  // unshared by the child, because its root is the cgroup one is in at that moment
  std::string hostname, domainname;
  RootPlan root;
  std::vector<PlannedMount> mounts;
  std::vector<PlannedDevice> devices;
  bool default_links = true;  // /dev/fd, /dev/stdin, ..., /dev/ptmx
  std::vector<std::string> masked_paths, readonly_paths;
  StringPairs sysctls;
  std::optional<TerminalPlan> terminal;
  std::vector<PlannedRlimit> rlimits;
  std::optional<std::int32_t> oom_score_adj;
  SchedulingPlan scheduling;
  std::int32_t parent_death_signal = 0;
  IdentityPlan identity;
  std::string working_directory = "/";
  std::vector<std::string> args, env;
  HooksPlan hooks;
  GivenPlan given;
  bool reaper = false;  // --init: PID 1 stays ours, reaps orphans and forwards signals
  bool trace = false;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.kind, self.become_root, self.loopback, self.cgroup_namespace,
                    self.hostname, self.domainname, self.root, self.mounts, self.devices,
                    self.default_links, self.masked_paths, self.readonly_paths, self.sysctls,
                    self.terminal, self.rlimits, self.oom_score_adj, self.scheduling,
                    self.parent_death_signal, self.identity, self.working_directory, self.args,
                    self.env, self.hooks, self.given, self.reaper, self.trace);
  }
};

}  // namespace mycontainer::runtime::init

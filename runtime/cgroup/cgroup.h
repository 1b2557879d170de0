// A container's control group on v2, v1 and hybrid hosts: made with its limits before the container
// is born, killed and removed after. Parent side only.
//
// Order of use: create -> clone3 with CLONE_INTO_CGROUP and dirfd() -> limit_devices, move(pid),
// early, beside the child's work -> "go" -> ... -> exit status published -> kill_all (unless PID 1
// took its PID namespace with it) -> remove.
//
// An OCI runtime's commands are processes of their own: record() -> state file -> reopen() ->
// pause, resume, update, stats, signal_all, entrances (exec), kill_all, remove.
//
// By systemd: clone3 -> adopt_by_systemd(pid) instead of create() -> limit_devices -> "go".
//
// Cgroup namespace: its root is where the task is when it is made. CLONE_NEWCGROUP beside
// CLONE_INTO_CGROUP takes the new v2 cgroup (cgroup_namespaces(7); seen on Linux 6.18), but for v1
// it would be the caller's cgroup: with needs_move() the child unshares it, after "go".
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/cgroup/hierarchies.h"
#include "runtime/cgroup/leaf.h"
#include "runtime/cgroup/record.h"
#include "runtime/cgroup/request.h"
#include "runtime/cgroup/stats.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::cgroup {

class Cgroup {
 public:
  Cgroup() = default;
  Cgroup(Cgroup&&) = default;
  Cgroup& operator=(Cgroup&& other) noexcept;
  // Removes what create() made when nothing runs in it and neither remove() nor release() was
  // called, so that a failed start leaves nothing behind. Never waits, never kills.
  ~Cgroup();

  // Makes the cgroup in the v2 hierarchy, if there is one, and in those v1 hierarchies whose limits
  // were asked for (on a pure v1 host in at least one), and writes the limits. Shared parents are
  // made on demand, with the controllers that are needed, and stay. A limit that cannot be kept is
  // an error that names its flag and controller, before anything is created. When nothing was asked
  // for and no cgroup can be made here (not delegated, read-only), the result is empty(): the
  // container stays in the caller's cgroup. Device rules alone do not count as asked for. An
  // existing cgroup of that name is EEXIST, unless it was named by request.path.
  static Result<Cgroup> create(const CgroupRequest& request);

  // The same for Driver::kSystemd: has systemd put `pid` (a child that waits for "go") into a new
  // transient unit with the limits that systemd has properties for, and writes the others. Between
  // clone and "go"; waits for the end of systemd's job. Never empty(). Fails where no systemd runs,
  // and on a host with v1. The unit is stopped by remove(), also when its directory is gone and the
  // object empty(); that of a failed start goes by itself once the child has died.
  static Result<Cgroup> adopt_by_systemd(const CgroupRequest& request, pid_t pid);

  // What another process needs to find this cgroup again.
  [[nodiscard]] CgroupRecord record() const;

  // The recorded cgroup. Directories that are gone are left out, so that it may be empty(). Owns
  // nothing: its destructor leaves everything in place.
  static Result<Cgroup> reopen(const CgroupRecord& record);

  // Puts the device rules of the same request into force: by a program attached to the v2 cgroup
  // (0.1 ms, which is why create() leaves it to a moment when the child is busy), else by v1.
  // Before move(), before "go". On a host without v2 create() has done it.
  Result<void> limit_devices(const CgroupRequest& request);

  // Makes `owner` (an id of the host) the owner of the v2 directory and of the files in it that the
  // kernel lets a delegate write, so that the container may make cgroups of its own below. For a
  // container with a user namespace, a cgroup namespace and a writable cgroup mount; never in v1,
  // where that is not safe (runtime-spec config-linux.md "Cgroup ownership").
  Result<void> give_to(uid_t owner) const;

  // The existing cgroup, in every hierarchy that has one of that name; empty() when none has.
  // Removed by remove() only.
  static Result<Cgroup> open(const std::string& id, const std::string& parent, bool rootless);

  // Kills and removes what a dead supervisor left, known by name only. Nothing there is success.
  static Result<void> remove_stale(const std::string& id, const std::string& parent, bool rootless);

  [[nodiscard]] bool empty() const { return leaves_.empty(); }

  // For CLONE_INTO_CGROUP; -1 without v2. Valid as long as this object.
  [[nodiscard]] int dirfd() const;

  // Whether move() has anything to do: some v1 hierarchy is used.
  [[nodiscard]] bool needs_move() const;

  // Moves the process (a child that was not reaped yet, so that the number is its own) into the v1
  // cgroups. The first move after a pause costs 5 ms: call it early. No work without v1.
  Result<void> move(pid_t pid) const;

  // For joining v1 without that wait: each v1 directory's `tasks`, open for writing. A child with
  // one thread that writes "0" to each is in (single writes of one byte, before it starts threads
  // or becomes another user; the right to write is judged by who opened). Also for a process that
  // joins an existing container. Empty without v1.
  Result<std::vector<UniqueFd>> entrances() const;

  // How many processes in it the kernel killed for want of memory; 0 when that is not counted.
  [[nodiscard]] std::uint64_t oom_kills() const;

  // Stops all that runs in it, sub-cgroups included, and returns when it has stopped: by v2, the
  // almost empty v2 of a hybrid host too, else by v1's freezer. Fails with ETIMEDOUT after 10 s,
  // thawed again; and where neither is used.
  Result<void> pause() const;
  Result<void> resume() const;
  // Whether pause() is in force. false when empty().
  Result<bool> frozen() const;

  // All that run in it and in its sub-cgroups, ascending; without those of PID namespaces that we
  // do not see.
  Result<std::vector<pid_t>> processes() const;

  // Sends `signal` once to each of processes(), by pidfd.
  Result<void> signal_all(int signal) const;

  // Changes the limits that are set in `resources` and no others; -1 takes a limit off. Limits that
  // depend on each other (memory and swap, quota and period) are written in whatever order the
  // kernel takes. Device rules, when there are any, replace all that were there; in v2 without a
  // moment in between. With systemd its unit's properties are set too, or a reload would bring the
  // old limits back. Fails for a limit whose hierarchy the container is not in.
  Result<void> update(const oci::Resources& resources, Naming naming = Naming::kProperties) const;

  // What it used so far, from all hierarchies that it is in.
  Result<Stats> stats() const;

  // SIGKILL to everything in it, frozen or not, sub-cgroups included. With v2 one write; with v1
  // only, rounds of signals until it is empty, 10 s at most. Does nothing when empty().
  Result<void> kill_all() const;

  // Waits until nothing runs in it, at most `patience`, and removes it with the sub-cgroups that
  // the container made. On failure the error names what still runs; it may be called again.
  Result<void> remove(std::chrono::milliseconds patience = std::chrono::seconds(10));

  // Leaves the cgroup in place when this object goes.
  void release() { owned_ = false; }

  // What to mount for a container with a cgroup namespace of its own, in order: cgroup2 at
  // /sys/fs/cgroup when only v2 is used (or nothing: it shows the caller's cgroup as root), else a
  // tmpfs, each used v1 hierarchy, and v2 at /sys/fs/cgroup/unified. All read-only but the tmpfs.
  [[nodiscard]] std::vector<oci::Mount> mounts() const;

  // "/mycontainer/<id>": below the v2 mount point where v2 is used, else below v1's; for records.
  [[nodiscard]] std::string path() const;

 private:
  friend class Builder;
  Result<void> update_devices(const std::vector<oci::DeviceRule>& rules, Naming naming) const;
  std::vector<Leaf> leaves_;  // the v2 one first
  std::string v2_mount_;      // empty: this host has no v2
  std::string unit_;          // systemd's; empty: the directories are ours
  bool user_bus_ = false;
  bool rootless_ = false;
  bool owned_ = false;
};

// Pure: whether `id` may name a cgroup.
Result<void> check_id(const std::string& id);

}  // namespace mycontainer::runtime::cgroup

// One run of a container: from its record and configuration to its running first process, and the
// removal of what was made for it. What `run --rm` and every monitor do alike. Parent side.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/record.h"
#include "runtime/engine/host_files.h"
#include "runtime/engine/trace.h"
#include "runtime/launch/launch.h"
#include "runtime/network/membership.h"
#include "runtime/network/user_mode/user_network.h"
#include "runtime/oci/spec.h"
#include "runtime/state/live.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

// Borrowed for the life of the Instance, but `spec`: only until the program runs.
struct InstanceRequest {
  const state::Roots& roots;
  const state::Record& record;
  const oci::Spec& spec;
  state::LiveDirectory& live;
};

class Instance {
 public:
  // The beginning of the run (LiveDirectory::begin_run), what it claims of its networks, and the
  // cgroup, with its limits.
  static Result<Instance> prepare(const InstanceRequest& request);
  Instance(Instance&&) noexcept = default;
  Instance& operator=(Instance&&) = delete;

  // The first process, up to where it is about to execute the program: its messages are to be taken
  // from the result. The host files and the live directory's records are written meanwhile.
  // `streams` become its 0, 1 and 2. The process dies with the calling one.
  Result<launch::Launch> give_birth(std::array<int, 3> streams, Trace& trace,
                                    const std::function<void()>& after_clone);

  // To be called once the program runs: until then the container counts as one that is being
  // created, and nobody may enter it (exec would find the host's files in it).
  void note_started() const;

  // After the end of the first process, or a failed start (`failed`): what else runs in the container
  // is killed, its networks are left, and the cgroup removed.
  Result<void> clean_up(bool failed);
  [[nodiscard]] const cgroup::Cgroup& cgroup() const { return cgroup_; }

 private:
  void forget_volatile_marker() const;
  Instance(const InstanceRequest& request, cgroup::CgroupRequest limits, cgroup::Cgroup cgroup);
  Result<void> enter_networks(pid_t pid);
  void leave_networks();
  [[nodiscard]] const network::Attachment* attachment() const;
  [[nodiscard]] HostFiles host_files() const;
  Result<void> write_host_files() const;
  Result<void> write_files_of_child() const;
  Result<void> write_live_files(pid_t pid) const;

  InstanceRequest request_;
  cgroup::CgroupRequest limits_;
  cgroup::Cgroup cgroup_;
  bool shares_pid_namespace_;
  std::optional<network::Membership> membership_;     // of networks of ours
  std::optional<network::UserNetwork> user_network_;  // an ordinary user's
};

}  // namespace mycontainer::runtime::engine

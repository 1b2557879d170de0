// What `exec` and a health check run in a container: its configuration's process, changed as asked.
// Parent side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/container/entrance.h"
#include "runtime/engine/run_request.h"
#include "runtime/oci/spec.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct ProcessRequest {
  std::vector<std::string> args{};
  std::vector<std::string> env{};  // "K=V", over the container's own
  // Looked up in the container's own /etc/passwd and /etc/group; absent: the container's user.
  std::optional<engine::UserRequest> user{};
  std::string working_directory{};  // absolute; empty: the container's own
  bool terminal = false;
  bool privileged = false;  // every capability, no filter, no profile
};

// The way into a container that runs. Docker's words for one that does not: "container ID is not
// running", "container ID is paused, unpause the container before exec" ...; exit status 1.
Result<container::Entrance> enter(const state::Roots& roots, const std::string& id);

// Pure but for `user`: `home` below has what it reads.
Result<oci::Process> process_for(const ProcessRequest& request,
                                 const container::Entrance& entrance);

// The variables of `env`, changed: by those of `request`, without the HOME that was the container's
// own user's (`old_home`) when another was asked for, and with TERM where there is a terminal. Pure.
std::vector<std::string> environment_for(const ProcessRequest& request,
                                         std::vector<std::string> env, const std::string& old_home);

// The newcomer for container::Entrance, but for its streams.
Result<container::Newcomer> newcomer_for(const ProcessRequest& request,
                                         const container::Entrance& entrance,
                                         const state::Roots& roots);

// What can go wrong on the way to the program has Docker's exit status 126 where it has none yet.
Failure not_started(Error error);

}  // namespace mycontainer::runtime::lifecycle

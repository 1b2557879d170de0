// One more process in a container that runs. Parent side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/container/settings.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::container {

struct ExecRequest {
  std::string id{};
  // --process: the whole of it; only rights, limits and labels that it does not name are those of
  // the container's own process, as runc has it. Else that is the model: its user, environment and
  // rights, changed by what follows.
  std::optional<oci::Process> process{};
  std::vector<std::string> args{};
  bool terminal = false;
  std::optional<std::string> cwd{};
  std::vector<std::string> env{};  // added
  std::optional<std::uint32_t> uid{}, gid{};
  std::vector<std::uint32_t> additional_gids{};
  std::vector<std::string> capabilities{};  // added to all sets but inheritable and ambient
  std::optional<bool> no_new_privileges{};
  std::optional<std::string> apparmor_profile{};

  bool detach = false;
  std::string console_socket{};
  std::string pid_file{};
  int preserved_fds = 0;
  bool ignore_paused = false;
  std::string cgroup{};  // a path below the container's own; empty: that itself
};

// Returns when the process has ended, or when it runs (detach). The exit code as of run().
Result<int> exec(const ExecRequest& request, const Settings& settings);

}  // namespace mycontainer::runtime::container

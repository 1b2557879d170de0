// The documents that tell others about a container: its state, for hooks and `state`, and what a
// seccomp agent gets with its listener. Either side; pure.
//
// Source: OCI runtime-spec, runtime.md "State" and config-linux.md "The Container Process State".
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

struct State {
  std::string oci_version = kSpecVersion;
  std::string id;
  std::string status;  // "creating", "created", "running" or "stopped"
  pid_t pid = 0;       // as the runtime sees it; 0: there is none, and it is left out
  std::string bundle;  // an absolute path
  StringMap annotations{};
};

// The name in `fds` of the descriptor that comes with a ContainerProcessState.
inline constexpr const char* kSeccompFdName = "seccompFd";

struct ContainerProcessState {
  std::string oci_version = kSpecVersion;
  std::vector<std::string> fds = {kSeccompFdName};  // in the order they are sent
  pid_t pid = 0;         // of the process the filter is for: init's, or what exec started
  std::string metadata;  // linux.seccomp.listenerMetadata, as it is
  State state;
};

// JSON text, in one line unless `indent` says how many spaces a level has. Bytes that are not UTF-8
// become U+FFFD.
std::string to_json(const State& state, unsigned indent = 0);
std::string to_json(const ContainerProcessState& state, unsigned indent = 0);

}  // namespace mycontainer::runtime::oci

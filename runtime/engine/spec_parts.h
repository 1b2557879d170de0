// The parts of spec_from_request(), one OCI noun each. Private to runtime/engine; pure.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/spec_from_request.h"

namespace mycontainer::runtime::engine {

// A user namespace is made, so some kernel filesystems cannot be mounted.
inline bool has_user_namespace(const SpecInputs& inputs) { return !inputs.uid_mappings.empty(); }

// The network namespace is not the user namespace's own, so that /sys cannot be mounted in it. An
// ordinary user joins the user namespace of the network that he joins.
inline bool has_foreign_network(const RunRequest& request, const SpecInputs& inputs) {
  return is_host_network(request) || (joins_network(request) && !inputs.rootless);
}

// The configuration has no place for a device's path on the host, and in a user namespace a node
// cannot be made: one that moves to another path there is a bind mount instead.
inline bool is_bound(const GrantedDevice& device, const SpecInputs& inputs) {
  return has_user_namespace(inputs) && !device.host_path.empty() &&
         device.host_path != device.node.path;
}

// process: arguments, environment, working directory, user, capabilities.
Result<oci::Process> make_process(const RunRequest& request, const SpecInputs& inputs,
                                  const std::string& hostname);

// mounts: the defaults as the namespaces allow them, the three files of /etc, then what was asked
// for, parents before children.
Result<std::vector<oci::Mount>> make_mounts(const RunRequest& request, const SpecInputs& inputs);

// linux: namespaces, mappings, devices, resources, sysctls, protected paths; not seccomp.
oci::Linux make_linux(const RunRequest& request, const SpecInputs& inputs);

// Sets each "NAME=VALUE" of `entries` in `env`: in the place of an earlier NAME, else at the end.
// An entry without a name or without "=" is dropped: it must never mean "copy this one from the
// host".
void set_variables(std::vector<std::string>& env, const std::vector<std::string>& entries);

}  // namespace mycontainer::runtime::engine

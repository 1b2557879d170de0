// A network namespace that a container joins: another container's (--network container:NAME), or one by
// its path (ns:PATH). Parent side; looked up anew at every start.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

// Keeps the namespaces that a configuration names by /proc/self/fd from becoming others: to be kept
// until the container's first process is born.
struct SharedNetwork {
  std::vector<UniqueFd> namespaces;
};

// Puts the namespace into `spec`; nothing when record.networks joins none. As an ordinary user its
// owner, a user namespace, is joined too, since nobody else may enter it. Errors: "cannot join network of
// a non running container: NAME"; what is no network namespace; one that takes root to enter.
Result<SharedNetwork> join_network(const state::Record& record, const state::Roots& roots,
                                   oci::Spec& spec);

// The same for who only reads the configuration: by the number of the other container's process.
Result<void> name_network(const state::Record& record, const state::Roots& roots, oci::Spec& spec);

// "PATH is not a network namespace".
Result<void> check_namespace(const std::string& path);

}  // namespace mycontainer::runtime::engine

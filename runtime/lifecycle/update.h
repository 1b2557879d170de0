// Changing a container's limits and restart policy. Parent side.
#pragma once

#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct UpdateRequest {
  oci::Resources resources;  // what is to change; everything else stays
  std::optional<state::RestartPolicy> restart;
};

// Pure: `old` with what `asked` sets. Docker's rules about what goes together are errors.
Result<oci::Resources> merge_limits(const oci::Resources& old, const oci::Resources& asked);

// In force at once when it runs, and from its next start on. A limit that cannot be put in force is
// an error, and nothing is noted; earlier ones of the same call may be in force already.
Result<void> update(const state::Roots& roots, const std::string& id, const UpdateRequest& request);

}  // namespace mycontainer::runtime::lifecycle

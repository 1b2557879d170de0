// Looks up what spec_from_request needs to know and calls it: the impure shell around the pure
// function. Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/engine/plan_volumes.h"
#include "runtime/engine/root_filesystem.h"
#include "runtime/engine/run_request.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

struct PreparedSpec {
  oci::Spec spec;
  state::Record
      record;  // of a container that was only created, without a name if none was asked for
  std::vector<PlannedVolume> volumes;  // to be made before the record
};

// `id` is the new container's; nothing is created by this.
Result<PreparedSpec> prepare_spec(const RunRequest& request, const state::Roots& roots,
                                  const std::string& id);

}  // namespace mycontainer::runtime::engine

// --volumes-from: what other containers have mounted. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Adds the binds and volumes of the containers that request.volumes_from names to request.mounts: not
// where the request has something of its own; of two containers the later one counts.
Result<void> add_volumes_from(engine::RunRequest& request, const state::Roots& roots);

}  // namespace mycontainer::runtime::lifecycle

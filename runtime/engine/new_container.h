// A new container on disk: with an id, a name of its own, a record and a configuration, and no
// process. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/engine/prepare_spec.h"
#include "runtime/engine/run_request.h"
#include "runtime/state/roots.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::engine {

// Stores what was prepared; a container without a name gets a generated one, which is written into
// prepared.record. Ends prepared.use: from now on the record keeps the image's layers.
Result<state::Container> store_container(PreparedSpec& prepared, const state::Roots& roots);

}  // namespace mycontainer::runtime::engine

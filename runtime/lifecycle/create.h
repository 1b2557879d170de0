// Making a container without starting it. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"
#include "runtime/images/progress.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// The record of the new container, which is on disk with its configuration and has no process. With
// a --cidfile the id was written there; one that exists already is an error.
// `report` gets how far the pull of a missing image is.
Result<state::Record> create(const engine::RunRequest& request, const state::Roots& roots,
                             const images::Report& report = {});

}  // namespace mycontainer::runtime::lifecycle

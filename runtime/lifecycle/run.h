// `mycontainer run`: by this process alone where that is enough, else by a monitor. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/engine/run.h"
#include "runtime/engine/run_request.h"
#include "runtime/images/progress.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct RunOutcome {
  engine::Outcome outcome;
  std::string id;         // of a detached container
  bool detached = false;  // by -d, or by the detach keys: it lives on
};

// Runs a new container to its end, or until it lives on without us. An error means that the user's
// program never ran; its exit_status is Docker's (125, 126, 127; 0 stands for 125).
// `report` gets how far the pull of a missing image is.
Result<RunOutcome> run(const engine::RunRequest& request, const state::Roots& roots,
                       const images::Report& report = {});

}  // namespace mycontainer::runtime::lifecycle

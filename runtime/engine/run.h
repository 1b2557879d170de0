// `run --rm` in the foreground, from a request to an exit code: the whole life of one container in one
// process, which is its supervisor. Parent side.
#pragma once

#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"
#include "runtime/images/progress.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

struct Outcome {
  int exit_code = 0;   // the program's, 128+n for a signal
  std::string notice;  // something the user should know beside it (the OOM killer struck), or empty
};

// Whether the request asks for nothing that outlives this process or needs another one: then run()
// is all it takes. Else a monitor supervises the container (runtime/lifecycle/run.h).
bool is_self_supervised(const RunRequest& request);

// Runs the container to its end. Nothing, and nothing done, when its image has a health check: then a
// monitor has to supervise it after all. An error means that the user's program never ran; its exit_status
// is Docker's (125, 126, 127; 0 stands for 125). Either way nothing is left behind.
Result<std::optional<Outcome>> run(const RunRequest& request, const state::Roots& roots,
                                   const images::Report& report = {});

// --dry-run: the configuration on standard output; nothing is made.
Result<void> print_spec(const RunRequest& request, const state::Roots& roots,
                        const images::Report& report = {});

}  // namespace mycontainer::runtime::engine

// `mycontainer run`, from a request to an exit code: the foreground life of one container. Parent
// side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"

namespace mycontainer::runtime::engine {

// The global options.
struct Settings {
  std::string data_root;   // --root
  std::string state_root;  // --state-root
};

struct Outcome {
  int exit_code = 0;   // the program's, 128+n for a signal
  std::string notice;  // something the user should know beside it (the OOM killer struck), or empty
};

// Runs the container to its end. An error means that the user's program never ran; its exit_status
// is Docker's (125, 126, 127; 0 stands for 125). Either way nothing is left behind. With --dry-run
// the configuration is printed to standard output and nothing is made.
Result<Outcome> run(const RunRequest& request, const Settings& settings);

}  // namespace mycontainer::runtime::engine

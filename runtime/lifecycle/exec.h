// `exec`: one more process in a container that runs, with the caller's streams or terminal. Parent
// side.
//
// The process is our child and nobody stands between: its output, its end and our signals go the
// shortest way. With `detach` a copy of this process stays behind to wait for it; a terminal that
// was left by its detach keys stays open in one, too.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/lifecycle/exec_process.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct ExecRequest {
  std::string id{};  // the whole
  ProcessRequest process{};
  bool interactive = false, detach = false;
  std::string detach_keys{};  // bytes; empty: none
};

// Returns when the process has ended, with its exit code as a shell has it; when it runs (detach);
// or when the user left it. Events: exec_create, exec_start, exec_die.
Result<int> exec(const ExecRequest& request, const state::Roots& roots);

}  // namespace mycontainer::runtime::lifecycle

// The programs a configuration wants run at points of a container's life. Parent, and for
// startContainer the container's own init: nothing here needs /proc, /dev or a path of the host.
//
// Source: OCI runtime-spec, config.md "POSIX-platform Hooks" and runtime.md "Lifecycle".
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::hooks {

// How much of a hook's standard error is kept for the error message: the end of it.
inline constexpr std::size_t kKeptErrorBytes = 64u << 10;

// Runs `hooks` one after the other until one fails. Each gets `state_json` and then end of file on
// its standard input, its own `env` and nothing else for an environment (an absent one is empty),
// our working directory and umask, a process group of its own, and no descriptor but the three
// standard ones; its standard output goes nowhere. A hook has ended when its process has: children
// it left in the background are not waited for.
//
// Errors name the hook and say the last line it wrote to standard error:
//   hooks.createRuntime[0] /bin/x: exited with code 3: message
// One that runs longer than its `timeout` (seconds) is killed with all of its process group.
Result<void> run_hooks(std::string_view kind, std::span<const oci::Hook> hooks,
                       std::string_view state_json);

// The same for poststart and poststop, whose failures change nothing any more: each is logged as a
// warning, and the rest are run.
void run_all_hooks(std::string_view kind, std::span<const oci::Hook> hooks,
                   std::string_view state_json);

}  // namespace mycontainer::runtime::hooks

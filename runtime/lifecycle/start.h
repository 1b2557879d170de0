// Starting containers that live on their own: each gets a monitor. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/attach/client.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Returns when the container's program runs. A container that runs already is success, unless it is
// paused.
Result<void> start(const state::Roots& roots, const std::string& id);

// Of a container that is not new: its layers may not have survived a crash of the machine
// (runtime/images/restore_layers.h).
Result<void> restore_layers(const state::Roots& roots, const std::string& id);
// Both.
Result<void> start_again(const state::Roots& roots, const std::string& id);

// The same, and stays attached from before the program's first byte: until it has ended or the user
// left. One that runs already is attached to. `client.signal` is filled in here.
Result<attach::ClientEnd> start_attached(const state::Roots& roots, const std::string& id,
                                         attach::ClientRequest client);

// A signal that came to who is attached, for the container's first process; one that has ended is
// none. One that asks for an end counts as the user's wish (kill.h).
void pass_signal(const state::Roots& roots, const std::string& id, int signal);

// What the record asks for after a boot (restart policies): starts those that should run and do not.
// The ids that were started; errors go to `failed`.
struct BootReport {
  std::vector<std::string> started;
  std::vector<Error> failed;
};
Result<BootReport> start_after_boot(const state::Roots& roots);

}  // namespace mycontainer::runtime::lifecycle

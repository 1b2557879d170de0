// What the verbs about existing containers have in common. Parent side.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/container/settings.h"
#include "runtime/lifecycle/deadline.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

// With which runtime/container works on a container's present run.
Result<container::Settings> settings_of(const state::Roots& roots);

// For messages: its name, or the first digits of its id when nothing tells the name.
std::string name_of(const state::Roots& roots, const std::string& id);

// Whether its directory is there; that of a broken container, too.
bool exists(const state::Roots& roots, const std::string& id);

// The record; of a broken container the error says so, with what to do about it.
Result<state::Record> record_of(const state::Container& container);
Result<state::Record> record_of(const state::Roots& roots, const std::string& id);

// Running or waiting to be restarted, paused or not.
bool is_active(const state::State& effective);

// Container::lock, but for `patience` at most: whoever starts the container keeps it until the program
// runs, which may hang.
Result<void> lock_within(state::Container& container, std::chrono::milliseconds patience);

// Notes under the container's lock that the user has ended it, so that its supervisor will not
// restart it. Nothing, and nothing noted, when it is not active. Waits `patience` for its turn.
Result<std::optional<state::Record>> claim_end(const state::Roots& roots, const std::string& id,
                                               std::chrono::milliseconds patience = kEndPatience);

}  // namespace mycontainer::runtime::lifecycle

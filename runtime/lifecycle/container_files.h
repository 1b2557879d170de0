// The files of a container in whatever state it is. Parent side.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "reexec/sys/error.h"
#include "runtime/files/session.h"
#include "runtime/state/roots.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

// While this lives, a container that did not run when it was made is locked: it cannot be started
// or removed, and its layer is mounted only once.
struct ContainerFiles {
  std::optional<state::Container> locked;
  files::Session session;
};

// Running and paused containers are entered, others mounted (files/session.h). One that is just
// being started is waited for.
Result<ContainerFiles> open_files(const state::Roots& roots, const std::string& id);

}  // namespace mycontainer::runtime::lifecycle

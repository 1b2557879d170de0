// The hidden entry "mycontainer-monitor": the supervisor of one container that lives on its own. It
// starts the container, keeps its log and its streams, restarts it when its policy says so, and ends
// when the container has ended for good.
#pragma once

#include "reexec/registry.h"

namespace mycontainer::runtime::monitor {

int run_monitor(reexec::Invocation& invocation);

}  // namespace mycontainer::runtime::monitor

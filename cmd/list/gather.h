// The containers that a list shows. Takes no lock, waits for nobody; asks the kernel only about those
// that are recorded as running.
#pragma once

#include <vector>

#include "cmd/list/container_filter.h"
#include "cmd/list/container_row.h"
#include "reexec/sys/error.h"
#include "runtime/state/roots.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd::list {

struct GatherRequest {
  bool all = false;  // also those that do not run
  int last = 0;      // at most so many of all, the newest; 0: without end
  bool sizes = false, mounts = false, ports = false;
};

// Newest first.
Result<std::vector<Entry>> gather(const runtime::state::Roots& roots, const ContainerFilter& filter,
                                  const GatherRequest& request);

// One of them: its state and status as they are now.
Entry entry_of(const runtime::state::Roots& roots, runtime::state::Listed listed);

}  // namespace mycontainer::cmd::list

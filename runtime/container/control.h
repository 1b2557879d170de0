// What can be asked of a container that exists, and done to it. Parent side. An id that nobody has
// is the error "container "x" does not exist" (ENOENT).
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/cgroup/stats.h"
#include "runtime/container/record.h"
#include "runtime/container/settings.h"
#include "runtime/container/status.h"
#include "runtime/oci/state.h"

namespace mycontainer::runtime::container {

struct Inspection {
  Record record{};
  Status status = Status::kStopped;
};

// Never waits, never locks.
Result<Inspection> inspect(const std::string& id, const Settings& settings);
// Of all containers; those that cannot be read (half made, half removed) are left out.
Result<std::vector<Inspection>> inspect_all(const Settings& settings);

// The state document (runtime.md) of a container.
oci::State state_of(const Record& record, Status status);

// Sends the signal to the first process (SIGKILL in a PID namespace that is not the container's own:
// to every process), or with `all` to every process of the container. "container
// not running" (ESRCH) when it has stopped; with `all` that is no error.
Result<void> kill(const std::string& id, int signal, bool all, const Settings& settings);

// Removes a stopped container and everything that was made for it, then runs its poststop hooks. With
// `force` a container in any state is killed first, and one that does not exist is no error. A
// container that is only created is killed, too, as runc does.
Result<void> remove(const std::string& id, bool force, const Settings& settings);

Result<void> pause(const std::string& id, const Settings& settings);
Result<void> resume(const std::string& id, const Settings& settings);

// The numbers of all its processes, as we see them.
Result<std::vector<pid_t>> processes(const std::string& id, const Settings& settings);

// Changes the limits that are set in `resources`.
Result<void> update(const std::string& id, const oci::Resources& resources,
                    const Settings& settings);

Result<cgroup::Stats> stats(const std::string& id, const Settings& settings);

}  // namespace mycontainer::runtime::container

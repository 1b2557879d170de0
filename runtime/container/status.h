// In which state a container is: asked from the kernel and the state directory each time, stored
// nowhere, so that it is true after any kill -9. Parent side; never waits.
#pragma once

#include <optional>
#include <string_view>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/store.h"

namespace mycontainer::runtime::container {

enum class Status { kCreating, kCreated, kRunning, kPaused, kStopped };

// As runtime.md spells it; "paused" is runc's addition.
std::string_view status_name(Status status);

// `opened`, where given, keeps the cgroup that had to be opened to find out; nothing is there for a
// container in whose cgroup nothing runs.
Result<Status> status_of(const StateDirectory& directory, const Record& record,
                         std::optional<cgroup::Cgroup>* opened = nullptr);

// Field 22 of /proc/PID/stat; ESRCH when there is no such process.
Result<std::uint64_t> start_time_of(pid_t pid);

// The container's first process by a pidfd that is certainly its own; ESRCH with "container not
// running" when it has ended (a zombie too).
Result<UniqueFd> open_init(const Record& record);

}  // namespace mycontainer::runtime::container

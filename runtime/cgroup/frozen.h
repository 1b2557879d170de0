// Whether a recorded cgroup is paused, without opening all of it: for lists of many. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/cgroup/record.h"

namespace mycontainer::runtime::cgroup {

// As Cgroup::reopen(record).frozen(), but looks only into the hierarchies that can tell.
Result<bool> is_frozen(const CgroupRecord& record);

}  // namespace mycontainer::runtime::cgroup

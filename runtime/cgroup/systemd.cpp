#include "runtime/cgroup/cgroup.h"

namespace mycontainer::runtime::cgroup {

Result<Cgroup> Cgroup::adopt_by_systemd(const CgroupRequest& request, pid_t /*pid*/) {
  return fail("the systemd cgroup driver cannot make {} in this build", request.id);
}

}  // namespace mycontainer::runtime::cgroup

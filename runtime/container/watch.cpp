#include "runtime/container/watch.h"

#include <poll.h>

#include "runtime/container/control.h"

namespace mycontainer::runtime::container {

Result<Watch> Watch::open(const std::string& id, const Settings& settings) {
  TRY(const Inspection container, inspect(id, settings));
  TRY(UniqueFd init, open_init(container.record));
  TRY(auto cgroup, cgroup::Cgroup::reopen(container.record.cgroup));
  return Watch(std::move(init), std::move(cgroup));
}

Result<bool> Watch::ended(std::chrono::milliseconds patience) const {
  pollfd waiting{init_.get(), POLLIN, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
  if (ready < 0 && errno != EINTR) return fail_errno("wait for the container's end");
  return ready > 0;
}

}  // namespace mycontainer::runtime::container

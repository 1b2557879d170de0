// How Cgroup::create comes to its result: where the cgroup goes, which limit is kept by which
// hierarchy, and the making. Parent side; cgroup.h is what other folders use.
#pragma once

#include <linux/bpf.h>

#include <string>
#include <vector>

#include "runtime/cgroup/cgroup.h"

namespace mycontainer::runtime::cgroup {

// The limits that one v1 hierarchy keeps.
struct V1Part {
  const V1Hierarchy* hierarchy = nullptr;
  std::vector<Setting> settings;
};

struct Plan {
  std::vector<Setting> v2;
  std::vector<V1Part> v1;
  bool device_program = false;  // the device rules are limit_devices()'s

  [[nodiscard]] bool has_limits() const { return !v2.empty() || !v1.empty(); }
};

// Decides who keeps which limit: v1 where its controller is mounted, else v2. Learns `v1` of the
// hierarchies only when that matters. An error names the limit that nobody can keep.
Result<Plan> make_plan(const CgroupRequest& request, Hierarchies& hierarchies,
                       const HostFiles& files = {});

// Adds to an unlimited plan on a v1-only host the hierarchy by which the container can be found and
// killed.
void add_tracking(Plan& plan, const Hierarchies& hierarchies);

// The parent's path below every mount point, without a trailing slash ("" for the root); or
// nothing, for an ordinary user to whom nothing was delegated. Fails on "..".
struct Place {
  bool exists = false;
  std::string path;
};
Result<Place> find_place(const std::string& parent, bool rootless, const Hierarchies& hierarchies,
                         const HostFiles& files = {});

// Makes what a plan says, all or nothing.
class Builder {
 public:
  Builder(const CgroupRequest& request, Hierarchies hierarchies)
      : request_(request), hierarchies_(std::move(hierarchies)) {}
  Result<Cgroup> build();
  // Adds to `cgroup` the v1 hierarchy that keeps the request's device rules, because v2 could not
  // (`error` says why).
  Result<void> keep_devices_by_v1(Cgroup& cgroup, Error error);

 private:
  Result<void> make_v2(const Plan& plan, const std::string& parent);
  Result<void> make_v1(const V1Part& part, const std::string& parent);
  Result<void> make_all(const Plan& plan, const std::string& parent);
  Result<Cgroup> without(const Plan& plan, Error error);
  [[nodiscard]] Error nothing_delegated(const Plan& plan) const;

  const CgroupRequest& request_;
  Hierarchies hierarchies_;
  MadeDirectories made_;
  Cgroup cgroup_;
};

}  // namespace mycontainer::runtime::cgroup

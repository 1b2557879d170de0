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
  bool optional = false;  // left out where no directory can be made
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

// Adds every v1 hierarchy that is not in the plan yet.
Result<void> add_every(Plan& plan, Hierarchies& hierarchies, const HostFiles& files = {});

// The parent's path below every mount point, without a trailing slash ("" for the root); or
// nothing, for an ordinary user to whom nothing was delegated. Fails on "..".
struct Place {
  bool exists = false;
  std::string path;
};
Result<Place> find_place(const std::string& parent, bool rootless, const Hierarchies& hierarchies,
                         const HostFiles& files = {});

// Where the request's own directory goes: `parent` as above, and its name there. Fails on an `id`
// or `path` that cannot name one.
struct Target {
  Place parent;
  std::string name;
};
Result<Target> find_target(const CgroupRequest& request, const Hierarchies& hierarchies,
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
  Result<void> make_directories(Leaf& leaf, const std::vector<Need>& needs);
  Result<void> make_v2(const Plan& plan, const Target& target);
  Result<void> make_v1(const V1Part& part, const Target& target);
  Result<void> make_all(const Plan& plan, const Target& target);
  Result<Cgroup> without(const Plan& plan, Error error);
  [[nodiscard]] Error nothing_delegated(const Plan& plan) const;

  const CgroupRequest& request_;
  Hierarchies hierarchies_;
  MadeDirectories made_;
  Cgroup cgroup_;
};

}  // namespace mycontainer::runtime::cgroup

#include "runtime/cgroup/systemd_driver.h"

#include <utility>

#include "reexec/sys/file.h"
#include "runtime/cgroup/builder.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/hierarchies.h"
#include "runtime/cgroup/systemd_bus.h"
#include "runtime/cgroup/systemd_properties.h"
#include "runtime/cgroup/systemd_unit.h"

namespace mycontainer::runtime::cgroup {

namespace {

Result<SystemdUnit> unit_of(const CgroupRequest& request) {
  if (!request.path.empty()) return parse_systemd_path(request.path, request.rootless);
  TRY_VOID(check_id(request.id));
  return parse_systemd_path(":mycontainer:" + request.id, request.rootless);
}

std::vector<UnitProperty> properties_of_unit(const SystemdUnit& unit, const std::string& id,
                                             pid_t pid) {
  std::vector<UnitProperty> properties{
      {"Description", "mycontainer container " + (id.empty() ? unit.name : id)},
      {"DefaultDependencies", false},  // it need not stop before the shutdown does
      {"MemoryAccounting", true},
      {"CPUAccounting", true},
      {"IOAccounting", true},
      {"TasksAccounting", true},
  };
  if (unit.is_slice) {
    properties.push_back({"Wants", std::vector<std::string>{unit.slice}});
    return properties;
  }
  properties.push_back({"Slice", unit.slice});
  properties.push_back({"Delegate", true});
  properties.push_back({"PIDs", std::vector<std::uint32_t>{static_cast<std::uint32_t>(pid)}});
  // A failed unit would keep its name for itself.
  properties.push_back({"CollectMode", std::string("inactive-or-failed")});
  return properties;
}

Result<std::string> v2_path_of(pid_t pid) {
  TRY(const std::string text,
      sys::read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/cgroup"));
  std::string path = parse_own_v2_path(text);
  if (path.size() < 2) return fail("process {} is in no cgroup that we see", pid);
  return path;
}

// A slice holds no processes of its own as far as systemd is concerned, so it moves none there.
Result<std::string> enter_slice(const SystemdUnit& unit, pid_t pid, const std::string& v2_mount) {
  TRY(const std::string below, expand_slice(unit.name));
  TRY(const std::string own, v2_path_of(pid));
  // An ordinary user's manager is at .../user@1000.service, and everything of his is below it.
  const std::size_t manager = own.find(".service/");
  const bool of_user = own.starts_with("/user.slice/user-") && manager != std::string::npos;
  const std::string path = (of_user ? own.substr(0, manager + 8) : std::string()) + below;
  auto moved = sys::write_file_at(AT_FDCWD, v2_mount + path + "/cgroup.procs", std::to_string(pid));
  if (!moved) return within("enter " + unit.name, std::move(moved).error());
  return path;
}

}  // namespace

Result<AdoptedUnit> start_unit(const CgroupRequest& request, const std::vector<Setting>& limits,
                               pid_t pid, const std::string& v2_mount) {
  TRY(const SystemdUnit unit, unit_of(request));
  std::vector<UnitProperty> properties = properties_of_unit(unit, request.id, pid);
  TRY(std::vector<UnitProperty> limiting, properties_of(limits));
  for (UnitProperty& property : limiting) properties.push_back(std::move(property));
  TRY(SystemdBus bus, SystemdBus::connect(request.rootless));
  TRY_VOID(bus.start_transient(unit.name, properties));
  if (unit.is_slice) {
    TRY(std::string path, enter_slice(unit, pid, v2_mount));
    return AdoptedUnit{unit.name, std::move(path)};
  }
  TRY(std::string path, v2_path_of(pid));
  if (!path.ends_with("/" + unit.name)) {
    return fail("systemd did not move process {} into {}: it is in {}", pid, unit.name, path);
  }
  return AdoptedUnit{unit.name, std::move(path)};
}

Result<Cgroup> Cgroup::adopt_by_systemd(const CgroupRequest& request, pid_t pid) {
  TRY(Hierarchies hierarchies, find_hierarchies());
  if (!hierarchies.pure_v2) {
    Error error{"the systemd cgroup driver needs a host with cgroup v2 alone"};
    error.hint = "this one has v1 hierarchies: use the cgroupfs driver";
    return Failure(std::move(error));
  }
  TRY(const Plan plan, make_plan(request, hierarchies));
  TRY(const AdoptedUnit unit, start_unit(request, plan.v2, pid, hierarchies.v2));
  CgroupRecord record;
  record.places.push_back({hierarchies.v2, unit.path, {}, true});
  record.unit = unit.name;
  record.user_bus = record.rootless = request.rootless;
  TRY(Cgroup cgroup, reopen(record));
  if (cgroup.empty()) return fail("systemd's {} is gone already", unit.name);
  cgroup.owned_ = true;
  TRY_VOID(give_and_rewrite(cgroup.leaves_.front(), plan.v2));
  return cgroup;
}

Result<void> stop_unit(const std::string& unit, bool user_bus) {
  TRY(SystemdBus bus, SystemdBus::connect(user_bus));
  return bus.stop(unit);
}

Result<void> set_unit_limits(const std::string& unit, bool user_bus,
                             const std::vector<Setting>& limits) {
  TRY(const std::vector<UnitProperty> properties, properties_of(limits));
  if (properties.empty()) return {};
  TRY(SystemdBus bus, SystemdBus::connect(user_bus));
  return bus.set_properties(unit, properties);
}

}  // namespace mycontainer::runtime::cgroup

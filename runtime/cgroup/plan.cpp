#include <algorithm>
#include <utility>

#include "runtime/cgroup/builder.h"

namespace mycontainer::runtime::cgroup {

namespace {

std::string_view v1_name(std::string_view controller) {
  return controller == "io" ? "blkio" : controller;
}

const V1Hierarchy* keeper_of(const Hierarchies& hierarchies, const Setting& setting) {
  return find_controller(hierarchies, v1_name(setting.controller));
}

void add_to(std::vector<V1Part>& parts, const V1Hierarchy* hierarchy, Setting setting) {
  auto part = std::ranges::find(parts, hierarchy, &V1Part::hierarchy);
  if (part == parts.end()) part = parts.insert(part, V1Part{hierarchy, {}});
  part->settings.push_back(std::move(setting));
}

// A fresh cgroup has no limits, so "no limit" needs neither a controller nor a write.
Result<std::vector<Setting>> limits_of(const CgroupRequest& request, Version version) {
  TRY(std::vector<Setting> settings, settings_of(request.resources, version, request.naming));
  std::erase_if(settings, is_unlimited);
  return settings;
}

Failure no_counterpart(const Setting& setting, const char* version) {
  return Failure(
      Error{fmt::format("{} {}: cgroup {} has no such limit", setting.flag, setting.value, version),
            0,
            {},
            0});
}

bool is_network(const Setting& setting) {
  return setting.controller == "net_cls" || setting.controller == "net_prio";
}

Result<void> keep_by_v2(Plan& plan, const Hierarchies& hierarchies, Setting setting) {
  if (hierarchies.v2.empty()) {
    return Failure(Error{fmt::format("{} needs the cgroup controller {}, which is not mounted",
                                     setting.flag, v1_name(setting.controller)),
                         0, "see /proc/cgroups and /proc/self/mountinfo for what this host has",
                         0});
  }
  if (is_network(setting)) return {};  // v2 leaves it to nftables; runc ignores it there too
  if (setting.file.empty()) return no_counterpart(setting, "v2");
  plan.v2.push_back(std::move(setting));
  return {};
}

Result<void> keep_by_v1(Plan& plan, const Hierarchies& hierarchies, std::vector<Setting> limits) {
  for (Setting& setting : limits) {
    const V1Hierarchy* keeper = keeper_of(hierarchies, setting);
    if (keeper == nullptr) continue;
    if (setting.file.empty()) return no_counterpart(setting, "v1");
    add_to(plan.v1, keeper, std::move(setting));
  }
  return {};
}

}  // namespace

Result<Plan> make_plan(const CgroupRequest& request, Hierarchies& hierarchies,
                       const HostFiles& files) {
  Plan plan;
  TRY(std::vector<Setting> v2_limits, limits_of(request, Version::kV2));
  TRY(std::vector<Setting> v1_limits, limits_of(request, Version::kV1));
  const bool devices = !request.rootless && !request.resources.devices.empty();
  plan.device_program = devices && !hierarchies.v2.empty();
  if (!v2_limits.empty() || !v1_limits.empty()) TRY_VOID(find_v1(hierarchies, files));
  for (Setting& setting : v2_limits) {
    if (keeper_of(hierarchies, setting) != nullptr) continue;
    TRY_VOID(keep_by_v2(plan, hierarchies, std::move(setting)));
  }
  if (devices && hierarchies.v2.empty()) {
    TRY(std::vector<Setting> rules, device_settings(request.resources.devices, request.naming));
    std::ranges::move(rules, std::back_inserter(v1_limits));
  }
  TRY_VOID(keep_by_v1(plan, hierarchies, std::move(v1_limits)));
  return plan;
}

void add_tracking(Plan& plan, const Hierarchies& hierarchies) {
  if (plan.has_limits() || !hierarchies.v2.empty() || hierarchies.v1.empty()) return;
  const V1Hierarchy* chosen = &hierarchies.v1.front();
  for (const char* cheap : {"name=systemd", "pids", "freezer"}) {
    if (const V1Hierarchy* found = find_controller(hierarchies, cheap)) chosen = found;
  }
  plan.v1.push_back({chosen, {}});
}

Result<void> add_every(Plan& plan, Hierarchies& hierarchies, const HostFiles& files) {
  TRY_VOID(find_v1(hierarchies, files));
  for (const V1Hierarchy& hierarchy : hierarchies.v1) {
    const auto used = std::ranges::find(plan.v1, &hierarchy, &V1Part::hierarchy);
    if (used == plan.v1.end()) plan.v1.push_back({&hierarchy, {}, true});
  }
  return {};
}

namespace {

bool climbs(const std::string& path) {
  return ("/" + path + "/").find("/../") != std::string::npos;
}

// One slash before each component, none at the end.
std::string cleaned(const std::string& path) {
  std::string clean;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string component = path.substr(begin, end - begin);
    if (!component.empty() && component != ".") clean += "/" + component;
    begin = end + 1;
  }
  return clean;
}

Result<Place> below_delegated(std::string path, bool rootless, const Hierarchies& hierarchies,
                              const HostFiles& files) {
  if (rootless && !path.starts_with('/') && !hierarchies.v2.empty()) {
    TRY(const std::string delegated, delegated_path(hierarchies.v2, files));
    if (delegated.empty()) return Place{};
    path.insert(0, delegated + "/");
  }
  return Place{true, cleaned(path)};
}

Result<void> check_path(const std::string& path) {
  // The kernel ends a string at its first NUL byte: what we checked must be what it sees.
  if (path.find('\0') != std::string::npos) return fail("linux.cgroupsPath: holds a NUL byte");
  if (climbs(path)) return fail("linux.cgroupsPath: \"{}\" must not contain \"..\"", path);
  if (cleaned(path).empty()) return fail("linux.cgroupsPath: \"{}\" names no cgroup", path);
  return {};
}

}  // namespace

Result<Place> find_place(const std::string& parent, bool rootless, const Hierarchies& hierarchies,
                         const HostFiles& files) {
  if (climbs(parent)) return fail("--cgroup-parent {}: must not contain \"..\"", parent);
  return below_delegated(parent.empty() ? "mycontainer" : parent, rootless, hierarchies, files);
}

Result<Target> find_target(const CgroupRequest& request, const Hierarchies& hierarchies,
                           const HostFiles& files) {
  if (request.path.empty()) {
    TRY_VOID(check_id(request.id));
    TRY(Place parent, find_place(request.parent, request.rootless, hierarchies, files));
    return Target{std::move(parent), request.id};
  }
  TRY_VOID(check_path(request.path));
  TRY(Place place, below_delegated(request.path, request.rootless, hierarchies, files));
  if (!place.exists) return Target{std::move(place), {}};
  const std::size_t slash = place.path.rfind('/');
  std::string name = place.path.substr(slash + 1);
  place.path.erase(slash);
  return Target{std::move(place), std::move(name)};
}

}  // namespace mycontainer::runtime::cgroup

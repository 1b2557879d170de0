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
Result<std::vector<Setting>> limits_of(const oci::Resources& resources, Version version) {
  TRY(std::vector<Setting> settings, settings_of(resources, version));
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

Result<void> keep_by_v2(Plan& plan, const Hierarchies& hierarchies, Setting setting) {
  if (hierarchies.v2.empty()) {
    return Failure(Error{fmt::format("{} needs the cgroup controller {}, which is not mounted",
                                     setting.flag, v1_name(setting.controller)),
                         0, "see /proc/cgroups and /proc/self/mountinfo for what this host has",
                         0});
  }
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
  TRY(std::vector<Setting> v2_limits, limits_of(request.resources, Version::kV2));
  TRY(std::vector<Setting> v1_limits, limits_of(request.resources, Version::kV1));
  const bool devices = !request.rootless && !request.resources.devices.empty();
  plan.device_program = devices && !hierarchies.v2.empty();
  if (!v2_limits.empty() || !v1_limits.empty()) TRY_VOID(find_v1(hierarchies, files));
  for (Setting& setting : v2_limits) {
    if (keeper_of(hierarchies, setting) != nullptr) continue;
    TRY_VOID(keep_by_v2(plan, hierarchies, std::move(setting)));
  }
  if (devices && hierarchies.v2.empty()) {
    TRY(std::vector<Setting> rules, device_settings(request.resources.devices));
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

Result<Place> find_place(const std::string& parent, bool rootless, const Hierarchies& hierarchies,
                         const HostFiles& files) {
  std::string path = parent.empty() ? "mycontainer" : parent;
  if (("/" + path + "/").find("/../") != std::string::npos) {
    return fail("--cgroup-parent {}: must not contain \"..\"", parent);
  }
  if (rootless && !path.starts_with('/') && !hierarchies.v2.empty()) {
    TRY(const std::string delegated, delegated_path(hierarchies.v2, files));
    if (delegated.empty()) return Place{};
    path.insert(0, delegated + "/");
  }
  // One slash before each component, none at the end.
  std::string clean;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string component = path.substr(begin, end - begin);
    if (!component.empty() && component != ".") clean += "/" + component;
    begin = end + 1;
  }
  return Place{true, std::move(clean)};
}

}  // namespace mycontainer::runtime::cgroup

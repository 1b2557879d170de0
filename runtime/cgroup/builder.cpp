#include "runtime/cgroup/builder.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace mycontainer::runtime::cgroup {

namespace {

bool is_refusal(const Error& error) {
  return error.code == EACCES || error.code == EPERM || error.code == EROFS;
}

// Device rules do not count: they take away, and whoever may make no cgroup has no rights to take.
std::optional<Need> first_limit(const Plan& plan) {
  if (!plan.v2.empty()) return Need{plan.v2.front().controller, plan.v2.front().flag};
  for (const V1Part& part : plan.v1) {
    for (const Setting& setting : part.settings) {
      if (setting.controller != "devices") return Need{setting.controller, setting.flag};
    }
  }
  return {};
}

Leaf new_leaf(Version version, const std::string& mount_point, const Target& target) {
  Leaf leaf;
  leaf.version = version;
  leaf.mount_point = mount_point;
  leaf.parent_path = target.parent.path;
  leaf.name = target.name;
  return leaf;
}

}  // namespace

// Another start that failed may remove the parents it made just when we opened them.
Result<void> Builder::make_directories(Leaf& leaf, const std::vector<Need>& needs) {
  constexpr int kTries = 5;
  const Existing existing = request_.path.empty() ? Existing::kRefuse : Existing::kTakeOver;
  Result<void> result;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    result = open_parent(leaf, needs, made_);
    if (result) result = make_leaf(leaf, made_, existing);
    if (result || (result.error().code != ENOENT && result.error().code != ENODEV)) return result;
  }
  return result;
}

Result<void> Builder::make_v2(const Plan& plan, const Target& target) {
  Leaf leaf = new_leaf(Version::kV2, hierarchies_.v2, target);
  const std::vector<Need> needs = needs_of(plan.v2);
  for (const Need& need : needs) leaf.controllers.push_back(need.controller);
  TRY_VOID(make_directories(leaf, needs));
  if (request_.every_hierarchy) offer_all_controllers(leaf);
  TRY_VOID(write_settings(leaf.dir.get(), plan.v2));
  cgroup_.leaves_.push_back(std::move(leaf));
  return {};
}

Result<void> Builder::make_v1(const V1Part& part, const Target& target) {
  Leaf leaf = new_leaf(Version::kV1, part.hierarchy->mount_point, target);
  leaf.controllers = part.hierarchy->controllers;
  auto made = make_directories(leaf, {});
  if (!made && part.optional && is_refusal(made.error())) return {};
  if (!made && is_refusal(made.error()) && !part.settings.empty()) {
    const Setting& first = part.settings.front();
    return fail_code(made.error().code, "{} needs the v1 cgroup hierarchy {}", first.flag,
                     leaf.mount_point);
  }
  if (!made) return made;
  TRY_VOID(write_settings(leaf.dir.get(), part.settings));
  cgroup_.leaves_.push_back(std::move(leaf));
  return {};
}

Result<void> Builder::make_all(const Plan& plan, const Target& target) {
  if (!hierarchies_.v2.empty()) TRY_VOID(make_v2(plan, target));
  for (const V1Part& part : plan.v1) TRY_VOID(make_v1(part, target));
  return {};
}

Result<void> Builder::keep_devices_by_v1(Cgroup& cgroup, Error error) {
  TRY_VOID(find_v1(hierarchies_));
  const V1Hierarchy* hierarchy = find_controller(hierarchies_, "devices");
  if (hierarchy == nullptr) {
    error.hint = "limiting devices in cgroup v2 needs a kernel with CONFIG_CGROUP_BPF and CAP_BPF";
    return Failure(std::move(error));
  }
  TRY(std::vector<Setting> rules, device_settings(request_.resources.devices, request_.naming));
  for (const Leaf& leaf : cgroup.leaves_) {
    if (uses(leaf, "devices")) return write_settings(leaf.dir.get(), rules);
  }
  TRY(const Target target, find_target(request_, hierarchies_));
  std::swap(cgroup_.leaves_, cgroup.leaves_);
  auto made = make_v1({hierarchy, std::move(rules)}, target);
  std::swap(cgroup_.leaves_, cgroup.leaves_);
  if (made) made_.commit();
  return made;
}

// No cgroup can be made here, which matters only to those who asked for something.
Result<Cgroup> Builder::without(const Plan& plan, Error error) {
  const bool place_asked_for = !request_.parent.empty() || !request_.path.empty();
  if (first_limit(plan) || place_asked_for) return Failure(std::move(error));
  Cgroup none;
  none.v2_mount_ = hierarchies_.v2;
  return none;
}

Error Builder::nothing_delegated(const Plan& plan) const {
  if (const auto limit = first_limit(plan)) return refuse_undelegated(*limit).value();
  const std::string place = request_.path.empty() ? "--cgroup-parent " + request_.parent
                                                  : "linux.cgroupsPath \"" + request_.path + "\"";
  return {place + ": no cgroup is delegated to this user", 0,
          "name one by its absolute path, or start with: systemd-run --user --scope", 0};
}

Result<Cgroup> Builder::build() {
  TRY(Plan plan, make_plan(request_, hierarchies_));
  TRY(const Target target, find_target(request_, hierarchies_));
  if (request_.every_hierarchy) TRY_VOID(add_every(plan, hierarchies_));
  add_tracking(plan, hierarchies_);
  if (!target.parent.exists) return without(plan, nothing_delegated(plan));
  auto made = make_all(plan, target);
  const bool nothing_yet = cgroup_.leaves_.empty();
  if (!made && nothing_yet && is_refusal(made.error())) {
    return without(plan, std::move(made).error());
  }
  if (!made) return Failure(std::move(made).error());
  made_.commit();
  cgroup_.v2_mount_ = hierarchies_.v2;
  cgroup_.rootless_ = request_.rootless;
  cgroup_.owned_ = true;
  return std::move(cgroup_);
}

}  // namespace mycontainer::runtime::cgroup

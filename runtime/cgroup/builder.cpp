#include "runtime/cgroup/builder.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace mycontainer::runtime::cgroup {

namespace {

bool is_refusal(const Error& error) {
  return error.code == EACCES || error.code == EPERM || error.code == EROFS;
}

// The distinct controllers of the settings, each with the first limit that needs it.
std::vector<Need> needs_of(const std::vector<Setting>& settings) {
  std::vector<Need> needs;
  for (const Setting& setting : settings) {
    const bool known =
        std::ranges::find(needs, setting.controller, &Need::controller) != needs.end();
    if (!known && !setting.controller.empty()) needs.push_back({setting.controller, setting.flag});
  }
  return needs;
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

Leaf new_leaf(Version version, const std::string& mount_point, const std::string& parent,
              const std::string& id) {
  Leaf leaf;
  leaf.version = version;
  leaf.mount_point = mount_point;
  leaf.parent_path = parent;
  leaf.name = id;
  return leaf;
}

// Another start that failed may remove the parents it made just when we opened them.
Result<void> make_directories(Leaf& leaf, const std::vector<Need>& needs, MadeDirectories& made) {
  constexpr int kTries = 5;
  Result<void> result;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    result = open_parent(leaf, needs, made);
    if (result) result = make_leaf(leaf, made);
    if (result || (result.error().code != ENOENT && result.error().code != ENODEV)) return result;
  }
  return result;
}

}  // namespace

Result<void> Builder::make_v2(const Plan& plan, const std::string& parent) {
  Leaf leaf = new_leaf(Version::kV2, hierarchies_.v2, parent, request_.id);
  const std::vector<Need> needs = needs_of(plan.v2);
  for (const Need& need : needs) leaf.controllers.push_back(need.controller);
  TRY_VOID(make_directories(leaf, needs, made_));
  TRY_VOID(write_settings(leaf.dir.get(), plan.v2));
  cgroup_.leaves_.push_back(std::move(leaf));
  return {};
}

Result<void> Builder::make_v1(const V1Part& part, const std::string& parent) {
  Leaf leaf = new_leaf(Version::kV1, part.hierarchy->mount_point, parent, request_.id);
  leaf.controllers = part.hierarchy->controllers;
  auto made = make_directories(leaf, {}, made_);
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

Result<void> Builder::make_all(const Plan& plan, const std::string& parent) {
  if (!hierarchies_.v2.empty()) TRY_VOID(make_v2(plan, parent));
  for (const V1Part& part : plan.v1) TRY_VOID(make_v1(part, parent));
  return {};
}

Result<void> Builder::keep_devices_by_v1(Cgroup& cgroup, Error error) {
  TRY_VOID(find_v1(hierarchies_));
  const V1Hierarchy* hierarchy = find_controller(hierarchies_, "devices");
  if (hierarchy == nullptr) {
    error.hint = "limiting devices in cgroup v2 needs a kernel with CONFIG_CGROUP_BPF and CAP_BPF";
    return Failure(std::move(error));
  }
  TRY(std::vector<Setting> rules, device_settings(request_.resources.devices));
  TRY(const Place place, find_place(request_.parent, request_.rootless, hierarchies_));
  std::swap(cgroup_.leaves_, cgroup.leaves_);
  auto made = make_v1({hierarchy, std::move(rules)}, place.path);
  std::swap(cgroup_.leaves_, cgroup.leaves_);
  if (made) made_.commit();
  return made;
}

// No cgroup can be made here, which matters only to those who asked for something.
Result<Cgroup> Builder::without(const Plan& plan, Error error) {
  if (first_limit(plan) || !request_.parent.empty()) return Failure(std::move(error));
  Cgroup none;
  none.v2_mount_ = hierarchies_.v2;
  return none;
}

Error Builder::nothing_delegated(const Plan& plan) const {
  if (const auto limit = first_limit(plan)) return refuse_undelegated(*limit).value();
  return {"--cgroup-parent " + request_.parent + ": no cgroup is delegated to this user", 0,
          "name one by its absolute path, or start with: systemd-run --user --scope", 0};
}

Result<Cgroup> Builder::build() {
  TRY_VOID(check_id(request_.id));
  TRY(Plan plan, make_plan(request_, hierarchies_));
  TRY(const Place place, find_place(request_.parent, request_.rootless, hierarchies_));
  add_tracking(plan, hierarchies_);
  if (!place.exists) return without(plan, nothing_delegated(plan));
  auto made = make_all(plan, place.path);
  const bool nothing_yet = cgroup_.leaves_.empty();
  if (!made && nothing_yet && is_refusal(made.error())) {
    return without(plan, std::move(made).error());
  }
  if (!made) return Failure(std::move(made).error());
  made_.commit();
  cgroup_.v2_mount_ = hierarchies_.v2;
  cgroup_.owned_ = true;
  return std::move(cgroup_);
}

}  // namespace mycontainer::runtime::cgroup

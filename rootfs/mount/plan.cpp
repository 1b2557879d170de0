#include "rootfs/mount/plan.h"

#include <algorithm>
#include <utility>

#include "rootfs/mount/options.h"

namespace mycontainer::rootfs::mount {

namespace {

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

Result<void> check(const MountPlan& plan) {
  if (plan.destination.empty()) return fail("a mount has no destination");
  if (has_nul(plan.destination) || has_nul(plan.source) || has_nul(plan.type)) {
    return fail("a mount holds a NUL byte");
  }
  if (plan.kind != MountKind::kRemount && plan.destination == "/") {
    return fail("a mount's destination is the root itself: {}", plan.destination);
  }
  if (plan.kind == MountKind::kBind && plan.source.empty()) {
    return fail("the bind mount on {} has no source", plan.destination);
  }
  if (plan.kind == MountKind::kFilesystem && plan.type.empty()) {
    return fail("the mount on {} has no type", plan.destination);
  }
  if (plan.copy_up && plan.type != "tmpfs") {
    return fail("the mount on {}: tmpcopyup is for tmpfs only", plan.destination);
  }
  return {};
}

// The parts of an option, as the kernel takes mount(2)'s data apart; quotes and the backslashes
// before commas are not part of them.
std::vector<std::string> split_option(std::string_view option) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < option.size(); ++i) {
    if (option[i] == '"') {
      quoted = !quoted;
    } else if (option[i] == '\\' && option.substr(i + 1).starts_with(',')) {
      parts.back() += option[++i];
    } else if (option[i] == ',' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += option[i];
    }
  }
  return parts;
}

// A new filesystem is one mount: what is asked of its tree is asked of it.
void merge_tree_attributes(MountPlan& plan) {
  plan.attr_set = (plan.attr_set & ~plan.tree_attr_clear) | plan.tree_attr_set;
  plan.attr_clear = (plan.attr_clear & ~plan.tree_attr_set) | plan.tree_attr_clear;
  plan.tree_attr_set = plan.tree_attr_clear = 0;
}

}  // namespace

std::string clean_path(std::string_view path) {
  std::string clean;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
    if (name == "..") {
      clean.resize(clean.empty() ? 0 : clean.rfind('/'));
    } else if (!name.empty() && name != ".") {
      clean.append("/").append(name);
    }
  }
  return clean.empty() ? "/" : clean;
}

Result<std::string> subpath_option(std::string_view subpath) {
  std::string option(kSubpathOption);
  for (const char c : subpath) {
    if (c == '"' || c == '\0')
      return fail("the subpath {} holds a character of mount(8)'s own", subpath);
    if (c == ',') option += '\\';
    option += c;
  }
  return option;
}

Result<MountPlan> plan_mount(const std::string& destination, std::string type, std::string source,
                             const std::vector<std::string>& options) {
  MountPlan plan;
  if (!destination.empty()) plan.destination = clean_path(destination);
  plan.source = std::move(source);
  if (type == "bind" || type == "rbind") {
    plan.kind = MountKind::kBind;
    plan.recursive = type == "rbind";
  }
  for (const std::string& option : options) {
    if (has_nul(option)) return fail("a mount option of {} holds a NUL byte", plan.destination);
    for (std::string& part : split_option(option)) {
      if (!apply_option(part, plan)) plan.data.push_back(std::move(part));
    }
  }
  if (plan.kind == MountKind::kFilesystem) {
    plan.type = std::move(type);
    merge_tree_attributes(plan);
  }
  TRY_VOID(check(plan));
  return plan;
}

bool takes_after_destination(const MountPlan& plan) {
  return plan.type == "tmpfs" && (plan.copy_up || !has_data(plan, "mode="));
}

bool has_data(const MountPlan& plan, std::string_view prefix) {
  return std::ranges::any_of(plan.data,
                             [&](const std::string& text) { return text.starts_with(prefix); });
}

}  // namespace mycontainer::rootfs::mount

#include "rootfs/mount/plan.h"

#include <utility>

#include "rootfs/mount/options.h"

namespace mycontainer::rootfs::mount {

namespace {

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

// True for "/", "//", "/." and the like: the lexical root.
bool is_root(const std::string& destination) {
  return destination.find_first_not_of("/.") == std::string::npos &&
         destination.find("...") == std::string::npos;
}

Result<void> check(const MountPlan& plan) {
  if (plan.destination.empty()) return fail("a mount has no destination");
  if (has_nul(plan.destination) || has_nul(plan.source) || has_nul(plan.type)) {
    return fail("a mount holds a NUL byte");
  }
  if (plan.kind != MountKind::kRemount && is_root(plan.destination)) {
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

// A new filesystem is one mount: what is asked of its tree is asked of it.
void merge_tree_attributes(MountPlan& plan) {
  plan.attr_set = (plan.attr_set & ~plan.tree_attr_clear) | plan.tree_attr_set;
  plan.attr_clear = (plan.attr_clear & ~plan.tree_attr_set) | plan.tree_attr_clear;
  plan.tree_attr_set = plan.tree_attr_clear = 0;
}

}  // namespace

Result<MountPlan> plan_mount(std::string destination, std::string type, std::string source,
                             const std::vector<std::string>& options) {
  MountPlan plan;
  plan.destination = std::move(destination);
  plan.source = std::move(source);
  if (type == "bind" || type == "rbind") {
    plan.kind = MountKind::kBind;
    plan.recursive = type == "rbind";
  }
  for (const std::string& option : options) {
    if (has_nul(option)) return fail("a mount option of {} holds a NUL byte", plan.destination);
    if (!apply_option(option, plan)) plan.data.push_back(option);
  }
  if (plan.kind == MountKind::kFilesystem) {
    plan.type = std::move(type);
    merge_tree_attributes(plan);
  }
  TRY_VOID(check(plan));
  return plan;
}

}  // namespace mycontainer::rootfs::mount

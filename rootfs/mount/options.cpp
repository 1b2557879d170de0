#include "rootfs/mount/options.h"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "rootfs/mount/option_names.h"

namespace mycontainer::rootfs::mount {

namespace {

struct Attribute {
  std::string_view name;  // with an "r" before it: for the whole tree
  std::uint64_t set, clear;
};

constexpr std::uint64_t kAtime = MOUNT_ATTR__ATIME;

constexpr std::array kAttributes = {
    Attribute{"ro", MOUNT_ATTR_RDONLY, 0},
    Attribute{"rw", 0, MOUNT_ATTR_RDONLY},
    Attribute{"nosuid", MOUNT_ATTR_NOSUID, 0},
    Attribute{"suid", 0, MOUNT_ATTR_NOSUID},
    Attribute{"nodev", MOUNT_ATTR_NODEV, 0},
    Attribute{"dev", 0, MOUNT_ATTR_NODEV},
    Attribute{"noexec", MOUNT_ATTR_NOEXEC, 0},
    Attribute{"exec", 0, MOUNT_ATTR_NOEXEC},
    Attribute{"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    Attribute{"diratime", 0, MOUNT_ATTR_NODIRATIME},
    Attribute{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    Attribute{"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    // The times of access are one field of three values; relatime, the default, is zero.
    Attribute{"noatime", MOUNT_ATTR_NOATIME, kAtime},
    Attribute{"strictatime", MOUNT_ATTR_STRICTATIME, kAtime},
    Attribute{"relatime", MOUNT_ATTR_RELATIME, kAtime},
    Attribute{"atime", MOUNT_ATTR_RELATIME, kAtime},
    Attribute{"norelatime", MOUNT_ATTR_RELATIME, kAtime},
    Attribute{"nostrictatime", MOUNT_ATTR_RELATIME, kAtime},
};

struct Propagation {
  std::string_view name;  // with an "r" before it: recursive
  std::uint64_t flag;
};

constexpr std::array kPropagations = {
    Propagation{"private", MS_PRIVATE},
    Propagation{"shared", MS_SHARED},
    Propagation{"slave", MS_SLAVE},
    Propagation{"unbindable", MS_UNBINDABLE},
};

// Words that say what is so anyway, or that only mount(2) had a flag for.
// The rest of the second line is fstab(5)'s.
constexpr std::array<std::string_view, 11> kWithoutEffect = {
    "defaults", "silent", "loud",   "noacl", "iversion", "noiversion",
    "auto",     "noauto", "nofail", "owner", "_netdev"};

// Of any new filesystem, for the kernel: fs/fs_context.c.
constexpr std::array<std::string_view, 7> kKernelWords = {
    "async", "dirsync", "lazytime", "mand", "nolazytime", "nomand", "sync"};

// What apply_kind and apply_extension know.
constexpr std::array<std::string_view, 8> kOtherWords = {
    "bind", "rbind", "remount", "tmpcopyup", "src-nofollow", "dest-nofollow", "idmap", "ridmap"};

template <class Table>
const typename Table::value_type* find(const Table& table, std::string_view name) {
  const auto* entry =
      std::find_if(table.begin(), table.end(), [&](const auto& e) { return e.name == name; });
  return entry == table.end() ? nullptr : entry;
}

bool has_no_effect(std::string_view option) {
  return std::find(kWithoutEffect.begin(), kWithoutEffect.end(), option) != kWithoutEffect.end();
}

bool apply_attribute(std::string_view name, std::uint64_t& set, std::uint64_t& clear) {
  const Attribute* attribute = find(kAttributes, name);
  if (attribute == nullptr) return false;
  set = (set & ~attribute->clear) | attribute->set;
  clear = (clear & ~attribute->set) | attribute->clear;
  return true;
}

bool apply_propagation(std::string_view name, bool recursive, MountPlan& plan) {
  const Propagation* propagation = find(kPropagations, name);
  if (propagation == nullptr) return false;
  plan.propagation = propagation->flag;
  plan.propagation_recursive = recursive;
  return true;
}

bool apply_kind(std::string_view option, MountPlan& plan) {
  if (option == "bind" || option == "rbind") {
    // "remount,bind" changes the mount's own flags, which is all that kRemount does.
    if (plan.kind != MountKind::kRemount) plan.kind = MountKind::kBind;
    plan.recursive = plan.recursive || option == "rbind";
    return true;
  }
  if (option != "remount") return false;
  plan.kind = MountKind::kRemount;
  return true;
}

bool apply_extension(std::string_view option, MountPlan& plan) {
  if (option == "tmpcopyup") return plan.copy_up = true;
  if (option == "src-nofollow") return plan.source_nofollow = true;
  if (option == "dest-nofollow") return plan.destination_nofollow = true;
  if (option == kVolumeOption) return plan.off_kernel = true;
  if (option.starts_with(kSubpathOption)) {
    plan.subpath = option.substr(kSubpathOption.size());
    return true;
  }
  if (option != "idmap" && option != "ridmap") return false;
  plan.idmap = true;
  plan.idmap_recursive = option == "ridmap";
  return true;
}

}  // namespace

bool apply_option(std::string_view option, MountPlan& plan) {
  if (apply_attribute(option, plan.attr_set, plan.attr_clear)) return true;
  if (apply_kind(option, plan) || apply_propagation(option, false, plan)) return true;
  if (apply_extension(option, plan)) return true;
  if (option.empty() || has_no_effect(option)) return true;
  if (option.front() != 'r') return false;
  const std::string_view rest = option.substr(1);
  return apply_attribute(rest, plan.tree_attr_set, plan.tree_attr_clear) ||
         apply_propagation(rest, true, plan);
}

std::vector<std::string> option_names() {
  std::vector<std::string> names(kOtherWords.begin(), kOtherWords.end());
  names.insert(names.end(), kKernelWords.begin(), kKernelWords.end());
  names.insert(names.end(), kWithoutEffect.begin(), kWithoutEffect.end());
  const auto add_both = [&](const auto& table) {
    for (const auto& entry : table) {
      names.emplace_back(entry.name);
      names.push_back("r" + std::string(entry.name));
    }
  };
  add_both(kAttributes);
  add_both(kPropagations);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace mycontainer::rootfs::mount

// Changing the limits of a container that runs.
#include <algorithm>
#include <charconv>
#include <utility>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/device_program.h"
#include "runtime/cgroup/resources_internal.h"
#include "runtime/cgroup/systemd_driver.h"

namespace mycontainer::runtime::cgroup {

namespace {

std::string_view v1_name(std::string_view controller) {
  return controller == "io" ? "blkio" : controller;
}

const Leaf* v1_leaf_of(const std::vector<Leaf>& leaves, std::string_view controller) {
  const auto leaf = std::ranges::find_if(leaves, [&](const Leaf& candidate) {
    return candidate.version == Version::kV1 && uses(candidate, v1_name(controller));
  });
  return leaf == leaves.end() ? nullptr : &*leaf;
}

const Leaf* v2_leaf_of(const std::vector<Leaf>& leaves) {
  const bool v2 = !leaves.empty() && leaves.front().version == Version::kV2;
  return v2 ? &leaves.front() : nullptr;
}

// The first word of a file as a number; nothing for "max" and what is not there.
std::optional<std::int64_t> read_number(const Leaf& leaf, const char* file) {
  const auto text = sys::read_file_at(leaf.dir.get(), file);
  std::int64_t number = 0;
  if (!text) return {};
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (code != std::errc()) return {};
  return number;
}

// Limits that the files take only together with another, which stays as it is.
void complete_memory(oci::Memory& memory, const Leaf& keeper) {
  // No memory limit under a limit of memory and swap: the kernel refuses it, and nobody means it.
  if (memory.limit && *memory.limit < 0 && !memory.swap) memory.swap = -1;
  const bool swap_alone = memory.swap.value_or(0) > 0 && memory.limit.value_or(0) == 0;
  if (!swap_alone) return;
  const bool v1 = keeper.version == Version::kV1;
  constexpr std::int64_t kV1Unlimited = std::int64_t{1} << 62;  // the most pages there can be
  memory.limit = read_number(keeper, v1 ? "memory.limit_in_bytes" : "memory.max").value_or(-1);
  if (*memory.limit >= kV1Unlimited) memory.limit = -1;
}

void complete_cpu(oci::Cpu& cpu, const Leaf& keeper) {
  const bool quota = cpu.quota.value_or(0) != 0, period = cpu.period.value_or(0) != 0;
  if (keeper.version == Version::kV1 || quota == period) return;
  const auto text = sys::read_file_at(keeper.dir.get(), "cpu.max");
  const std::size_t space = text ? text->find(' ') : std::string::npos;
  if (space == std::string::npos) return;
  if (!quota) {
    cpu.quota = read_number(keeper, "cpu.max").value_or(-1);
  } else {
    std::uint64_t present = 0;
    std::from_chars(text->data() + space + 1, text->data() + text->size(), present);
    cpu.period = present;
  }
}

const Leaf* keeper_of(const std::vector<Leaf>& leaves, std::string_view controller) {
  const Leaf* v1 = v1_leaf_of(leaves, controller);
  return v1 != nullptr ? v1 : v2_leaf_of(leaves);
}

// In v2 a limit below what is used is taken, and the container killed for it.
Result<void> check_usage(const oci::Memory& memory, const Leaf& keeper, Naming naming) {
  if (!memory.check_before_update.value_or(false) || memory.limit.value_or(0) <= 0) return {};
  const bool v1 = keeper.version == Version::kV1;
  const auto usage = read_number(keeper, v1 ? "memory.usage_in_bytes" : "memory.current");
  if (!usage || *usage < *memory.limit) return {};
  return fail_code(EBUSY, "{} {}: the container uses {} bytes", limit_name("--memory", naming),
                   *memory.limit, *usage);
}

Result<void> update_v2(const std::vector<Leaf>& leaves, std::vector<Setting> settings) {
  std::erase_if(settings, [&](const Setting& setting) {
    const bool network = setting.controller == "net_cls" || setting.controller == "net_prio";
    return network || v1_leaf_of(leaves, setting.controller) != nullptr;
  });
  if (settings.empty()) return {};
  const Leaf* leaf = v2_leaf_of(leaves);
  const auto unable = std::ranges::find(settings, std::string(), &Setting::file);
  if (leaf == nullptr || unable != settings.end()) {
    const Setting& named = unable == settings.end() ? settings.front() : *unable;
    return fail("{} {}: the container is in no cgroup hierarchy that has such a limit", named.flag,
                named.value);
  }
  return give_and_rewrite(*leaf, settings);
}

Result<void> update_v1(const std::vector<Leaf>& leaves, const std::vector<Setting>& settings) {
  for (const Leaf& leaf : leaves) {
    std::vector<Setting> own;
    for (const Setting& setting : settings) {
      if (v1_leaf_of(leaves, setting.controller) != &leaf) continue;
      if (setting.file.empty()) {
        return fail("{} {}: cgroup v1 has no such limit", setting.flag, setting.value);
      }
      own.push_back(setting);
    }
    TRY_VOID(rewrite_settings(leaf, own));
  }
  return {};
}

Result<void> replace_program(const Leaf& leaf, const std::vector<oci::DeviceRule>& rules) {
  TRY(const std::vector<bpf_insn> program, device_program(rules));
  TRY(const UniqueFd loaded, load_device_program(program));
  return replace_device_program(leaf.dir.get(), loaded.get());
}

}  // namespace

// v1's list begins with a denial of everything, so nobody may run until it is whole.
Result<void> Cgroup::update_devices(const std::vector<oci::DeviceRule>& rules,
                                    Naming naming) const {
  if (rootless_ || rules.empty()) return {};
  const Leaf* v2 = v2_leaf_of(leaves_);
  const Leaf* v1 = v1_leaf_of(leaves_, "devices");
  if (v2 != nullptr) {
    auto replaced = replace_program(*v2, rules);
    if (replaced || v1 == nullptr) return replaced;
  }
  if (v1 == nullptr) return fail("{}: no cgroup to keep it", limit_name("--device", naming));
  TRY(const std::vector<Setting> settings, device_settings(rules, naming));
  TRY(const bool already, frozen());
  const bool paused = !already && pause().has_value();
  auto written = write_settings(v1->dir.get(), settings);
  if (paused) TRY_VOID(resume());
  return written;
}

Result<void> Cgroup::update(const oci::Resources& resources, Naming naming) const {
  if (leaves_.empty()) return fail("the container has no cgroup of its own");
  oci::Resources wanted = resources;
  if (wanted.memory) {
    if (const Leaf* keeper = keeper_of(leaves_, "memory")) {
      complete_memory(*wanted.memory, *keeper);
      TRY_VOID(check_usage(*wanted.memory, *keeper, naming));
    }
  }
  if (wanted.cpu) {
    if (const Leaf* keeper = keeper_of(leaves_, "cpu")) complete_cpu(*wanted.cpu, *keeper);
  }
  TRY(const std::vector<Setting> v1_settings, settings_of(wanted, Version::kV1, naming));
  TRY(std::vector<Setting> v2_settings, settings_of(wanted, Version::kV2, naming));
  if (!unit_.empty()) TRY_VOID(set_unit_limits(unit_, user_bus_, v2_settings));
  TRY_VOID(update_v1(leaves_, v1_settings));
  TRY_VOID(update_v2(leaves_, std::move(v2_settings)));
  return update_devices(wanted.devices, naming);
}

}  // namespace mycontainer::runtime::cgroup

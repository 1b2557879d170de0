#include "runtime/oci/validate_resources.h"

#include <array>

#include "runtime/oci/validate_linux.h"

namespace mycontainer::runtime::oci {
namespace {

constexpr std::array<std::string_view, 9> kActions = {
    "SCMP_ACT_KILL",  "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_TRAP",  "SCMP_ACT_ERRNO",        "SCMP_ACT_TRACE",
    "SCMP_ACT_ALLOW", "SCMP_ACT_LOG",          "SCMP_ACT_NOTIFY"};
constexpr std::array<std::string_view, 7> kOperators = {
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
constexpr std::uint32_t kMaxSyscallArgs = 6;

Result<void> check_device_rules(const std::vector<DeviceRule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const DeviceRule& rule = rules[i];
    if (!rule.type.empty() && rule.type != "a" && rule.type != "b" && rule.type != "c")
      return fail("linux.resources.devices[{}].type: unknown \"{}\"", i, rule.type);
    if (rule.access.find_first_not_of("rwm") != std::string::npos)
      return fail("linux.resources.devices[{}].access: \"{}\" is not made of r, w and m", i,
                  rule.access);
  }
  return {};
}

Result<void> check_memory(const Memory& memory) {
  const auto is_limit = [](const auto& value) { return value && *value > 0; };
  if (is_limit(memory.swap) && is_limit(memory.limit) && *memory.swap < *memory.limit)
    return fail("linux.resources.memory.swap: {} is memory and swap together, below the limit {}",
                *memory.swap, *memory.limit);
  if (is_limit(memory.swap) && !is_limit(memory.limit))
    return fail("linux.resources.memory.swap: needs linux.resources.memory.limit");
  if (is_limit(memory.reservation) && is_limit(memory.limit) && *memory.reservation > *memory.limit)
    return fail("linux.resources.memory.reservation: {} is above the limit {}", *memory.reservation,
                *memory.limit);
  if (memory.swappiness && *memory.swappiness > 100)
    return fail("linux.resources.memory.swappiness: {} is above 100", *memory.swappiness);
  return {};
}

Result<void> check_weight(const char* property, std::optional<std::uint16_t> weight) {
  if (!weight || *weight == 0 || (*weight >= 10 && *weight <= 1000)) return {};
  return fail("linux.resources.blockIO.{}: {} is not between 10 and 1000", property, *weight);
}

}  // namespace

Result<void> validate_resources(const Resources& resources) {
  TRY_VOID(check_device_rules(resources.devices));
  if (resources.memory) TRY_VOID(check_memory(*resources.memory));
  if (resources.block_io) {
    TRY_VOID(check_weight("weight", resources.block_io->weight));
    TRY_VOID(check_weight("leafWeight", resources.block_io->leaf_weight));
  }
  for (const auto& [file, value] : resources.unified)
    if (file.empty() || file.find('/') != file.npos || file.starts_with('.') || has_nul(file))
      return fail("linux.resources.unified: \"{}\" is no name of a cgroup file", file);
  return {};
}

Result<void> validate_seccomp(const Seccomp& seccomp) {
  if (!contains(kActions, seccomp.default_action))
    return fail("linux.seccomp.defaultAction: unknown \"{}\"", seccomp.default_action);
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i) {
    const SeccompRule& rule = seccomp.syscalls[i];
    if (rule.names.empty()) return fail("linux.seccomp.syscalls[{}].names: empty", i);
    if (!contains(kActions, rule.action))
      return fail("linux.seccomp.syscalls[{}].action: unknown \"{}\"", i, rule.action);
    for (std::size_t k = 0; k < rule.args.size(); ++k) {
      if (rule.args[k].index >= kMaxSyscallArgs)
        return fail("linux.seccomp.syscalls[{}].args[{}].index: above 5", i, k);
      if (!contains(kOperators, rule.args[k].op))
        return fail("linux.seccomp.syscalls[{}].args[{}].op: unknown \"{}\"", i, k,
                    rule.args[k].op);
    }
  }
  return {};
}

}  // namespace mycontainer::runtime::oci

#include "runtime/oci/validate.h"
#include "runtime/oci/validate_linux.h"

namespace mycontainer::runtime::oci {
namespace {

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

}  // namespace mycontainer::runtime::oci

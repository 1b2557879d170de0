#include "runtime/cgroup/resources_internal.h"

namespace mycontainer::runtime::cgroup {

namespace {

// memory.swap is memory plus swap, as v1 counts; v2 counts swap alone.
Result<void> add_swap(Settings& settings, std::int64_t limit, std::int64_t swap) {
  const bool v1 = settings.version == Version::kV1;
  const char* file = v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";
  if (swap < 0) {
    settings.add("memory", file, v1 ? "-1" : "max", "--memory-swap");
    settings.list.back().if_present = true;
    return {};
  }
  if (limit == 0) {
    return fail("{} {}: needs {} too", settings.name("--memory-swap"), swap,
                settings.name("--memory"));
  }
  if (limit > 0 && swap < limit) {
    return fail("{} {}: less than {} {} (it is memory plus swap)", settings.name("--memory-swap"),
                swap, settings.name("--memory"), limit);
  }
  const std::int64_t value = v1 ? swap : (limit < 0 ? swap : swap - limit);
  settings.add("memory", file, std::to_string(value), "--memory-swap");
  return {};
}

void add_limit(Settings& settings, std::int64_t limit) {
  if (settings.version == Version::kV2) {
    settings.add("memory", "memory.max", number_or_max(limit), "--memory");
  } else {
    settings.add("memory", "memory.limit_in_bytes", std::to_string(limit), "--memory");
  }
}

}  // namespace

Result<void> add_memory(Settings& settings, const oci::Memory& memory) {
  const bool v1 = settings.version == Version::kV1;
  const std::int64_t limit = memory.limit.value_or(0);  // 0: not set
  if (limit != 0) add_limit(settings, limit);
  // v1 refuses memory.limit > memsw.limit, so the swap limit comes after it.
  if (const std::int64_t swap = memory.swap.value_or(0); swap != 0) {
    TRY_VOID(add_swap(settings, limit, swap));
  }
  if (const std::int64_t reservation = memory.reservation.value_or(0); reservation != 0) {
    settings.add("memory", v1 ? "memory.soft_limit_in_bytes" : "memory.low",
                 v1 ? std::to_string(reservation) : number_or_max(reservation),
                 "--memory-reservation");
  }
  if (memory.kernel_tcp.value_or(0) != 0) {
    settings.add_v1_only("memory", "memory.kmem.tcp.limit_in_bytes",
                         std::to_string(*memory.kernel_tcp), "memory.kernelTCP");
  }
  if (memory.swappiness) {
    settings.add_v1_only("memory", "memory.swappiness", std::to_string(*memory.swappiness),
                         "--memory-swappiness");
  }
  if (memory.disable_oom_killer.value_or(false)) {
    settings.add_v1_only("memory", "memory.oom_control", "1", "--oom-kill-disable");
  }
  return {};
}

}  // namespace mycontainer::runtime::cgroup

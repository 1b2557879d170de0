#include "runtime/lifecycle/update.h"

#include "runtime/cgroup/cgroup.h"
#include "runtime/container/control.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"

namespace mycontainer::runtime::lifecycle {

namespace {

template <class Value>
void take(std::optional<Value>& old, const std::optional<Value>& asked) {
  if (asked) old = asked;
}

Result<void> merge_memory(oci::Memory& old, const oci::Memory& asked) {
  const bool above_swap =
      asked.limit && !asked.swap && old.swap.value_or(0) > 0 && *asked.limit > *old.swap;
  if (above_swap) {
    return fail(
        "Memory limit should be smaller than already set memoryswap limit, update the memoryswap "
        "at the same time");
  }
  take(old.limit, asked.limit);
  take(old.swap, asked.swap);
  take(old.reservation, asked.reservation);
  const std::int64_t limit = old.limit.value_or(0), swap = old.swap.value_or(0);
  if (swap > 0 && limit == 0) {
    return fail("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  if (swap > 0 && swap < limit) {
    return fail("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (limit > 0 && old.reservation.value_or(0) > limit) {
    return fail("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
  return {};
}

void merge_cpu(oci::Cpu& old, const oci::Cpu& asked) {
  take(old.shares, asked.shares);
  take(old.quota, asked.quota);
  take(old.period, asked.period);
  take(old.realtime_runtime, asked.realtime_runtime);
  take(old.realtime_period, asked.realtime_period);
  if (!asked.cpus.empty()) old.cpus = asked.cpus;
  if (!asked.mems.empty()) old.mems = asked.mems;
}

bool sets_nothing(const oci::Resources& asked) {
  return !asked.memory && !asked.cpu && !asked.pids_limit && !asked.block_io;
}

// Where limits are kept in several hierarchies a container is only in those of the limits that it
// was started with.
Result<void> change_running(const state::Roots& roots, const std::string& id,
                            const oci::Resources& asked) {
  TRY(const auto settings, settings_of(roots));
  TRY(const auto found, container::inspect(id, settings));
  TRY(const auto cgroup, cgroup::Cgroup::reopen(found.record.cgroup));
  if (cgroup.empty()) return fail("container {} has no cgroup of its own", name_of(roots, id));
  auto changed = cgroup.update(asked, cgroup::Naming::kFlags);
  if (changed) return changed;
  Error error = std::move(changed).error();
  error.hint =
      "a limit that it was started without may be out of reach while it runs: stop it, update, "
      "start";
  return Failure(std::move(error));
}

// The container is locked.
Result<void> change_limits(const state::Container& container, const state::Record& record,
                           const oci::Resources& asked) {
  const bool runs = is_active(state::effective_state(container.roots(), record));
  TRY(oci::Spec spec, container.read_spec());
  oci::Resources& limits = spec.linux_config.resources;
  TRY(limits, merge_limits(limits, asked));
  if (runs && state::ExitWaiter::open(container.roots(), record.id).value_or(std::nullopt)) {
    TRY_VOID(change_running(container.roots(), record.id, asked));
  }
  return record.foreground ? Result<void>() : container.write_spec(spec);
}

}  // namespace

Result<oci::Resources> merge_limits(const oci::Resources& old, const oci::Resources& asked) {
  oci::Resources merged = old;
  if (asked.memory) {
    if (!merged.memory) merged.memory.emplace();
    TRY_VOID(merge_memory(*merged.memory, *asked.memory));
  }
  if (asked.cpu) {
    if (!merged.cpu) merged.cpu.emplace();
    merge_cpu(*merged.cpu, *asked.cpu);
  }
  take(merged.pids_limit, asked.pids_limit);
  if (asked.block_io) {
    if (!merged.block_io) merged.block_io.emplace();
    take(merged.block_io->weight, asked.block_io->weight);
  }
  return merged;
}

Result<void> update(const state::Roots& roots, const std::string& id,
                    const UpdateRequest& request) {
  TRY(auto container, state::Container::open(roots, id));
  TRY_VOID(lock_within(container, kEndPatience));
  TRY(state::Record record, record_of(container));
  const bool restarts = request.restart && request.restart->kind != state::RestartKind::kNo;
  if (restarts && record.auto_remove) {
    return fail("Restart policy cannot be updated because AutoRemove is enabled for the container");
  }
  if (!sets_nothing(request.resources)) {
    TRY_VOID(change_limits(container, record, request.resources));
  }
  if (request.restart) {
    record.restart = *request.restart;
    TRY_VOID(container.write(record));
  }
  state::append_event(roots, state::container_event(record, "update"));
  return {};
}

}  // namespace mycontainer::runtime::lifecycle

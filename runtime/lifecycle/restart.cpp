#include "runtime/lifecycle/restart.h"

#include "runtime/lifecycle/ending.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/start.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"

namespace mycontainer::runtime::lifecycle {

namespace {

// While it is stopped a container with --rm must not go.
Result<void> set_auto_remove(const state::Roots& roots, const std::string& id, bool value) {
  TRY(auto container, state::Container::open(roots, id));
  TRY_VOID(container.change([&](state::Record& record) { record.auto_remove = value; }));
  return {};
}

Result<void> stop_and_start(const state::Roots& roots, const std::string& id,
                            const StopRequest& request) {
  TRY_VOID(stop(roots, id, request));
  TRY_VOID(await_supervisor(roots, id));
  return start_again(roots, id);
}

}  // namespace

Result<void> restart(const state::Roots& roots, const std::string& id, const StopRequest& request) {
  TRY(const state::Record record, record_of(roots, id));
  if (record.foreground) {
    return Failure(
        Error{fmt::format("container {} runs in the foreground of 'run --rm'", record.name), 0,
              "it is removed when it ends; start another with 'run -d'", 0});
  }
  if (record.auto_remove) TRY_VOID(set_auto_remove(roots, id, false));
  auto done = stop_and_start(roots, id, request);
  if (record.auto_remove) {
    auto restored = set_auto_remove(roots, id, true);
    if (done && !restored) done = std::move(restored);
  }
  if (!done) return done;
  state::append_event(roots, state::container_event(record, "restart"));
  return {};
}

}  // namespace mycontainer::runtime::lifecycle

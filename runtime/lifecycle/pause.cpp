#include "runtime/lifecycle/pause.h"

#include "runtime/container/control.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"

namespace mycontainer::runtime::lifecycle {

namespace {

struct Seen {
  state::Record record;
  std::string status;  // in Docker's words
};

Result<Seen> look(const state::Roots& roots, const std::string& id) {
  TRY(state::Record record, record_of(roots, id));
  std::string status = state::status_text(roots, id, state::effective_state(roots, record));
  return Seen{std::move(record), std::move(status)};
}

}  // namespace

Result<void> pause(const state::Roots& roots, const std::string& id) {
  TRY(const Seen seen, look(roots, id));
  if (seen.status == "paused") return fail("container {} is already paused", seen.record.name);
  if (seen.status == "restarting") {
    return fail("container {} is restarting, wait until the container is running",
                seen.record.name);
  }
  if (seen.status != "running") return fail("container {} is not running", seen.record.name);
  TRY(const auto settings, settings_of(roots));
  auto paused = state::note_pause(roots, id);
  if (paused) paused = container::pause(id, settings);
  // Perhaps it has ended meanwhile: that is what to say then.
  if (!paused && look(roots, id).value_or(Seen{}).status != "running") {
    return fail("container {} is not running", seen.record.name);
  }
  if (!paused) return paused;
  state::append_event(roots, state::container_event(seen.record, "pause"));
  return {};
}

Result<void> unpause(const state::Roots& roots, const std::string& id) {
  TRY(const Seen seen, look(roots, id));
  if (seen.status != "paused") return fail("container {} is not paused", seen.record.name);
  TRY(const auto settings, settings_of(roots));
  TRY_VOID(container::resume(id, settings));
  state::append_event(roots, state::container_event(seen.record, "unpause"));
  return {};
}

}  // namespace mycontainer::runtime::lifecycle

#include "runtime/lifecycle/existing.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/state/live.h"

namespace mycontainer::runtime::lifecycle {

Result<container::Settings> settings_of(const state::Roots& roots) {
  container::Settings settings;
  settings.root = state::containers_in(roots.state);
  return container::with_defaults(std::move(settings));
}

std::string name_of(const state::Roots& roots, const std::string& id) {
  constexpr std::size_t kShort = 12;
  const auto container = state::Container::open(roots, id);
  const auto record = container ? container->read() : Result<state::Record>(state::Record{});
  return record && !record->name.empty() ? record->name : id.substr(0, kShort);
}

bool exists(const state::Roots& roots, const std::string& id) {
  return ::access(state::container_directory(roots.data, id).c_str(), F_OK) == 0;
}

Result<state::Record> record_of(const state::Container& container) {
  auto record = container.read();
  if (record || !exists(container.roots(), container.id())) return record;
  return Failure(Error{fmt::format("the container is broken: {}", record.error().message()), 0,
                       fmt::format("remove it with 'mycontainer rm -f {}'", container.id()), 0});
}

Result<state::Record> record_of(const state::Roots& roots, const std::string& id) {
  TRY(const auto container, state::Container::open(roots, id));
  return record_of(container);
}

bool is_active(const state::State& effective) {
  return effective.status == state::Status::kRunning ||
         effective.status == state::Status::kRestarting;
}

Result<void> lock_within(state::Container& container, std::chrono::milliseconds patience) {
  const bool locked = eventually(Deadline::after(patience), [&] {
    return ::flock(container.fd(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  });
  // Then it does not wait, but finds out whether the container is still there.
  if (locked) return container.lock();
  return fail("container {} is being started or changed by another command",
              name_of(container.roots(), container.id()));
}

Result<std::optional<state::Record>> claim_end(const state::Roots& roots, const std::string& id,
                                               std::chrono::milliseconds patience) {
  TRY(auto container, state::Container::open(roots, id));
  TRY_VOID(lock_within(container, patience));
  TRY(state::Record record, record_of(container));
  if (!is_active(state::effective_state(roots, record))) return std::optional<state::Record>();
  // The foreground's is removed at its end by somebody who takes no lock, and never restarted.
  if (record.state.stopped_by_user || record.foreground) return std::optional(std::move(record));
  record.state.stopped_by_user = true;
  const auto written = container.write(record);
  // On a full disk it can be ended all the same: its supervisor cannot write either, and then begins
  // no other run.
  const bool is_full =
      !written && (written.error().code == ENOSPC || written.error().code == EDQUOT);
  if (written || is_full || record.restart.kind == state::RestartKind::kNo) {
    return std::optional(std::move(record));
  }
  return Failure(written.error());
}

}  // namespace mycontainer::runtime::lifecycle

#include "runtime/lifecycle/export.h"

#include <csignal>

#include "runtime/lifecycle/container_files.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::lifecycle {

Result<void> export_files(const state::Roots& roots, const std::string& id, UniqueFd out) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  TRY(ContainerFiles container, open_files(roots, id));
  TRY_VOID(container.session.start_pack({"/", true, ".", true}, std::move(out)));
  TRY_VOID(container.session.finish_pack());
  const auto exported = state::Container::open(roots, id);
  const auto record = exported ? exported->read() : Result<state::Record>(Failure(Error{}));
  if (record) state::append_event(roots, state::container_event(*record, "export"));
  return {};
}

}  // namespace mycontainer::runtime::lifecycle

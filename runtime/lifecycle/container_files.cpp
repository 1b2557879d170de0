#include "runtime/lifecycle/container_files.h"

#include <chrono>
#include <thread>

#include "runtime/container/status.h"
#include "runtime/container/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using container::Status;

struct Run {
  Status status = Status::kStopped;
  UniqueFd init;
};

// A run without a readable record has no process yet, or none any more.
Run present_run(const state::Roots& roots, const std::string& id) {
  const auto directory = container::StateDirectory::open(state::containers_in(roots.state), id);
  if (!directory) return {};
  const auto record = directory->read_record();
  if (!record) return {};
  const auto status = container::status_of(*directory, *record);
  if (!status) return {};
  Run run{*status, {}};
  if (run.status != Status::kRunning && run.status != Status::kPaused) return run;
  auto init = container::open_init(*record);
  if (!init) return {};
  run.init = std::move(*init);
  return run;
}

Result<Run> settled_run(const state::Roots& roots, const std::string& id) {
  constexpr auto kPause = std::chrono::milliseconds(10);
  constexpr int kAttempts = 1000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Run run = present_run(roots, id);
    if (run.status != Status::kCreating) return run;
    std::this_thread::sleep_for(kPause);
  }
  return fail("the container is still being started");
}

Result<ContainerFiles> mount_files(state::Container container, const oci::Spec& spec) {
  const std::string transient = state::container_directory(container.roots().state, container.id());
  TRY(auto session, files::Session::mount(spec, transient));
  return ContainerFiles{std::move(container), std::move(session)};
}

}  // namespace

Result<ContainerFiles> open_files(const state::Roots& roots, const std::string& id) {
  constexpr int kAttempts = 5;
  TRY(auto container, state::Container::open(roots, id));
  TRY(const oci::Spec spec, container.read_spec());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    TRY(const Run run, settled_run(roots, id));
    if (run.init) {
      auto session = files::Session::join(spec, run.init.get());
      if (session) return ContainerFiles{std::nullopt, std::move(*session)};
      if (session.error().code != ESRCH) return Failure(std::move(session).error());
      continue;  // it has ended meanwhile
    }
    TRY_VOID(container.lock());
    // It may have been started while the lock was waited for.
    if (present_run(roots, id).status == Status::kStopped) {
      return mount_files(std::move(container), spec);
    }
    container.unlock();
  }
  return fail("the container is started and stopped all the time");
}

}  // namespace mycontainer::runtime::lifecycle

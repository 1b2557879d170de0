#include "runtime/lifecycle/create.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/engine/bind_sources.h"
#include "runtime/engine/fill_volumes.h"
#include "runtime/engine/kernel_features.h"
#include "runtime/engine/names.h"
#include "runtime/engine/new_container.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::lifecycle {

namespace {

Failure cid_file_exists(const std::string& path) {
  Error error{fmt::format("container ID file found, make sure the other container isn't running "
                          "or delete {}",
                          path),
              0,
              {},
              0};
  return Failure(std::move(error));
}

// Claimed before anything is made; empty until the container is.
Result<UniqueFd> open_cid_file(const std::string& path) {
  if (path.empty()) return UniqueFd();
  auto file = sys::open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!file && file.error().code == EEXIST) return cid_file_exists(path);
  return file;
}

Result<state::Record> create_on_disk(const engine::RunRequest& request, const state::Roots& roots,
                                     int cid_file, const images::Report& report) {
  TRY(const std::string id, engine::random_id());
  TRY(engine::PreparedSpec prepared, engine::prepare_spec(request, roots, id, report));
  TRY_VOID(engine::create_missing_sources(request.mounts));
  TRY(auto volumes, engine::NewVolumes::make(prepared.volumes, prepared.record, roots));
  TRY(auto container, engine::store_container(prepared, roots));
  volumes.recorded();
  TRY_VOID(engine::fill_volumes(prepared.spec, prepared.record, roots));
  if (cid_file >= 0) TRY_VOID(sys::write_all(cid_file, id));
  container.keep();
  volumes.keep();
  state::append_event(roots, state::container_event(prepared.record, "create"));
  return std::move(prepared.record);
}

}  // namespace

Result<state::Record> create(const engine::RunRequest& request, const state::Roots& roots,
                             const images::Report& report) {
  // Nothing of the container may depend on the caller's umask.
  ::umask(0022);
  TRY(const UniqueFd cid_file, open_cid_file(request.cid_file));
  auto record = create_on_disk(request, roots, cid_file.get(), report);
  if (!record && cid_file) ::unlink(request.cid_file.c_str());
  return record;
}

}  // namespace mycontainer::runtime::lifecycle

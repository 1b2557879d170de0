// Looks up what spec_from_request needs to know and calls it: the impure shell around the pure
// function. Parent side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/engine/plan_volumes.h"
#include "runtime/engine/root_filesystem.h"
#include "runtime/engine/run_request.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

struct PreparedSpec {
  oci::Spec spec;
  state::Record
      record;  // of a container that was only created, without a name if none was asked for
  std::vector<PlannedVolume> volumes;  // to be made before the record
  // Of an image: it and its layers stay until the record is on disk.
  std::optional<rootfs::image::Use> use;
};

// `id` is the new container's; nothing of it is created by this. Of an image that has to be pulled
// `report` gets how far that is.
Result<PreparedSpec> prepare_spec(const RunRequest& request, const state::Roots& roots,
                                  const std::string& id, const images::Report& report = {});

}  // namespace mycontainer::runtime::engine

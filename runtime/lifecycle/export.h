// `export`: the files of a container as a tar archive. Parent side; the container is hostile.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Of a container in any state, with the owners that it sees itself, to `out`. As with Docker
// nothing of volumes and other mounts: they are empty directories and files.
Result<void> export_files(const state::Roots& roots, const std::string& id, UniqueFd out);

}  // namespace mycontainer::runtime::lifecycle

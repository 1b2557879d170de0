// Copy-up: a volume that is mounted over a directory of the image for the first time gets what that
// holds. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

// Of a container that is on disk and does not run, and is locked: nobody may start it meanwhile. What
// was filled already costs a look at its file. The image is hostile: its links are followed within
// it (CVE-2022-23648), and the files are made in a tree where there is nothing but the volume, in the
// container's user namespace when it is an ordinary user's.
Result<void> fill_volumes(const oci::Spec& spec, const state::Record& record,
                          const state::Roots& roots);

}  // namespace mycontainer::runtime::engine

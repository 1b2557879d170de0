// The instructions of `commit --change` and `import --change`: those of a Dockerfile that only
// change an image's configuration. Any process; pure.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/config.h"

namespace mycontainer::rootfs::image {

// CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR,
// each in the forms that a Dockerfile allows, one after the other: variables are those that ENV has
// set so far, an ENTRYPOINT takes away the CMD that no instruction before it has set, and a shell
// form goes to config.shell (by default /bin/sh -c). A text may hold several lines, with comments
// and continued lines. Errors are Docker's: "unknown instruction: X", "X is not a valid change
// command". On failure `config` is as it was.
Result<void> apply_changes(ContainerConfig& config, const std::vector<std::string>& changes);

}  // namespace mycontainer::rootfs::image

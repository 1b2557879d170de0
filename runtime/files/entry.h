// The hidden entry that works on a container's files for a Session. Child side.
//
// It goes where the files are: into a running container's user and mount namespaces, or into new
// ones where it mounts what a stopped container's "/" is made of. There it only opens, reads and
// makes files by descriptors of the container's root (rootfs/path): its own "/" stays the host's, so
// that nothing a library looks for by name is ever the container's, nothing of the container is
// executed or loaded (CVE-2019-14271), and nobody in the container can look into it: it is not
// dumpable before it enters (CVE-2016-9962).
#pragma once

#include <string_view>

#include "reexec/registry.h"

namespace mycontainer::runtime::files {

inline constexpr std::string_view kFilesEntry = "mycontainer-files";
int files_main(reexec::Invocation& invocation);

}  // namespace mycontainer::runtime::files

// The API socket of a slirp4netns(1) that runs. Parent side.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"

namespace mycontainer::runtime::network {

// By its socket in the container's live directory. One connection a request, as it wants it.
Result<void> publish_with_slirp(int live_directory, const PublishedPort& port);

}  // namespace mycontainer::runtime::network

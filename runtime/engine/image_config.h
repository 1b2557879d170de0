// What an image's configuration means for its containers. Parent side; pure.
#pragma once

#include "reexec/sys/error.h"
#include "rootfs/image/config.h"
#include "runtime/engine/spec_from_request.h"

namespace mycontainer::runtime::engine {

// The configuration is somebody else's text: what Docker would refuse in an option of `run` (a
// signal, a port, a path, a user, the times of a health check) is an error here, too.
Result<ImageConfig> image_config_from(const rootfs::image::Config& config);

// --health-* over the image's HEALTHCHECK, member by member.
state::HealthCheck merged_health_check(state::HealthCheck asked, const state::HealthCheck& image);

}  // namespace mycontainer::runtime::engine

// Platforms: "linux/arm64/v8" (containerd's and Docker's --platform). Any process; pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/descriptor.h"

namespace mycontainer::rootfs::image {

// "linux/amd64", "linux/arm/v7", "amd64", "linux": what is not said is this machine's; the usual
// other names (x86_64, aarch64, armhf) and default variants (arm64's v8, arm's v7) are understood.
Result<Platform> parse_platform(std::string_view text);
std::string to_text(const Platform& platform);
// Of this machine.
Platform host_platform();

// Whether an image for `offered` runs where `wanted` is: older variants of arm do.
bool matches(const Platform& wanted, const Platform& offered);
// The best entry of an index for `wanted`; nullptr when there is none. Entries without a platform
// and attestations (platform "unknown/unknown") are never chosen, unless it is the only entry.
const Descriptor* choose(const std::vector<Descriptor>& manifests, const Platform& wanted);

}  // namespace mycontainer::rootfs::image

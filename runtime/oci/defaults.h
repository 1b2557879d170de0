// Docker's defaults as data: what a container gets when nothing was asked for.
//
// Either side. Source: moby, package oci (DefaultLinuxSpec); OCI config-linux.md, "Default
// Devices" and "Default Filesystems".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

inline constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

inline constexpr std::uint64_t kDefaultShmSize = 64u << 20;

// Annotations that only mycontainer reads.
inline constexpr const char* kInitAnnotation = "mycontainer.init";  // "true": --init
inline constexpr const char* kStopSignalAnnotation = "org.opencontainers.image.stopSignal";

// The character devices every container's /dev holds, mode 0666, root's. The runtime makes them
// without being told (config-linux.md); they are not listed in linux.devices.
struct DefaultDevice {
  std::string_view path;
  std::uint32_t major, minor;
};
inline constexpr std::array<DefaultDevice, 6> kDefaultDevices = {{{"/dev/null", 1, 3},
                                                                  {"/dev/zero", 1, 5},
                                                                  {"/dev/full", 1, 7},
                                                                  {"/dev/random", 1, 8},
                                                                  {"/dev/urandom", 1, 9},
                                                                  {"/dev/tty", 5, 0}}};

// The symbolic links every container's /dev holds.
struct DefaultLink {
  std::string_view path, target;
};
inline constexpr std::array<DefaultLink, 6> kDefaultLinks = {{{"/dev/fd", "/proc/self/fd"},
                                                              {"/dev/stdin", "/proc/self/fd/0"},
                                                              {"/dev/stdout", "/proc/self/fd/1"},
                                                              {"/dev/stderr", "/proc/self/fd/2"},
                                                              {"/dev/core", "/proc/kcore"},
                                                              {"/dev/ptmx", "pts/ptmx"}}};

// /proc, /dev, /dev/pts, /dev/shm, /dev/mqueue, /sys, /sys/fs/cgroup, in the order they are
// mounted.
std::vector<Mount> default_mounts();

// The device cgroup's rules: everything denied, then mknod of anything, the default devices,
// /dev/console, /dev/ptmx and /dev/pts/* allowed. --device and --privileged append to them.
std::vector<DeviceRule> default_device_rules();

}  // namespace mycontainer::runtime::oci

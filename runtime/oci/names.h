// Words of the configuration that more than one place must know: the validator, and the features
// document. Either side; pure constants. Those of linux.seccomp are in seccomp_names.h.
//
// Source: OCI config.md "POSIX-platform Hooks", config-linux.md "Namespaces", "Memory Policy".
#pragma once

#include <array>
#include <string_view>

namespace mycontainer::runtime::oci {

// In the order they run.
inline constexpr std::array<std::string_view, 6> kHookNames = {
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};
inline constexpr std::array<std::string_view, 8> kNamespaceNames = {
    "cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
inline constexpr std::array<std::string_view, 7> kMemoryModes = {
    "MPOL_DEFAULT",   "MPOL_BIND",           "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE",
    "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL"};
inline constexpr std::array<std::string_view, 3> kMemoryFlags = {
    "MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"};

}  // namespace mycontainer::runtime::oci

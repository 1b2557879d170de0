// The OCI resource limits as values for cgroup files: pure, no system call. Parent side.
//
// Source: runtime-spec config-linux.md "Control groups"; Linux Documentation/admin-guide/cgroup-v1
// and cgroup-v2.rst. Deprecated and without effect in today's kernels, hence not written:
// memory.kernel (kmem.limit_in_bytes), memory.useHierarchy, memory.checkBeforeUpdate (a fresh
// cgroup uses nothing). Device rules are device_program.h's (v2) and device_settings()'s (v1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/cgroup/request.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::cgroup {

enum class Version { kV1, kV2 };

// One write(2) to one file of a cgroup.
struct Setting {
  std::string controller;  // by its v2 name: "io" also stands for v1's "blkio"
  std::string file;        // empty: this version of cgroups has no counterpart for the limit
  std::string value;
  std::string flag;           // for errors: "--memory", or "linux.resources.memory.limit"
  std::string other_file{};   // written instead when `file` does not exist; or empty
  std::string other_value{};  // its value
  bool if_present = false;    // no error when the file does not exist
};

// Every limit that `resources` asks for, in the order in which the files must be written. An
// unlimited value ("max", -1) is included. Fails on a value that no kernel could take (a swap limit
// below the memory limit, a bad file name in `unified`).
Result<std::vector<Setting>> settings_of(const oci::Resources& resources, Version version,
                                         Naming naming = Naming::kFlags);

// v1's devices.deny and devices.allow in list order, after denying everything.
Result<std::vector<Setting>> device_settings(const std::vector<oci::DeviceRule>& rules,
                                             Naming naming = Naming::kFlags);

// True when the setting says "no limit", which a fresh cgroup already has.
bool is_unlimited(const Setting& setting);

// cpu.shares (2..262144, default 1024) to cpu.weight (1..10000, default 100): the curve through
// both ranges' ends and defaults that runc and crun use since 2025. 0 stays 0 (unset).
std::uint64_t cpu_weight_of_shares(std::uint64_t shares);

// blkio.weight (10..1000) to io.weight (1..10000).
std::uint64_t io_weight_of_blkio(std::uint64_t weight);

}  // namespace mycontainer::runtime::cgroup

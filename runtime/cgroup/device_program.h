// The eBPF program that judges device access in a v2 cgroup (BPF_PROG_TYPE_CGROUP_DEVICE). Parent
// side; raw bpf(2), no libbpf.
//
// Semantics, as for v1: for each asked access bit the last matching rule decides, and what no rule
// matches is denied. Source: runtime-spec "Allowed Device list", cgroup-v2.rst "Device controller".
#pragma once

#include <linux/bpf.h>

#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::cgroup {

// Pure: the program for `rules`. Fails on an unknown type or access letter or a number out of
// range.
Result<std::vector<bpf_insn>> device_program(const std::vector<oci::DeviceRule>& rules);

// Has the kernel verify and compile it (about 65 us for Docker's default list). Needs CAP_BPF or
// CAP_SYS_ADMIN in the initial user namespace.
Result<UniqueFd> load_device_program(const std::vector<bpf_insn>& program);

// Attaches it to the cgroup; it lives as long as the cgroup does.
Result<void> attach_device_program(int cgroup, int program);

// Attaches it in place of what attach_device_program() attached there before, in one step (before
// Linux 5.6 beside it first: of two programs both must allow). Programs of others, such as
// systemd's, stay.
Result<void> replace_device_program(int cgroup, int program);

}  // namespace mycontainer::runtime::cgroup

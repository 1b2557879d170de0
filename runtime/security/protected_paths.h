// The files of /proc and /sys that a container must not see or must not write. Parent side; pure
// except for thermal_throttle_paths().
//
// Source: moby's defaults (daemon/pkg/oci/defaults.go), which follow the advisories named below. A
// path that the running kernel does not have is skipped by whoever applies the list.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace mycontainer::runtime::security {

// Hidden: an empty file or an empty directory is mounted over each.
inline constexpr std::array<std::string_view, 12> kMaskedPaths = {
    "/proc/acpi",           // power and hardware control of the host
    "/proc/asound",         // what the host plays and records (moby#38285)
    "/proc/interrupts",     // key strokes by their interrupt times (GHSA-6fw5-f8r9-fgfm)
    "/proc/kcore",          // the kernel's memory
    "/proc/keys",           // keyrings of other containers: keys have no namespace
    "/proc/latency_stats",  // what other processes wait for
    "/proc/sched_debug",    // names of all the host's processes
    "/proc/scsi",           // devices can be removed through it (CVE-2017-16539)
    "/proc/timer_list",     // addresses and processes of the host
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",  // secrets by power use (CVE-2020-8694, GHSA-jq35-85cj-fj4p)
    "/sys/firmware",                  // EFI variables, ACPI tables
};

// Readable but not writable: a read-only bind mount of each onto itself.
inline constexpr std::array<std::string_view, 5> kReadonlyPaths = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

// The per-CPU part of Docker's masked list (GHSA-6fw5-f8r9-fgfm): one directory for each processor
// when the machine has them (bare-metal x86), otherwise empty at the price of one access(2).
// `sysfs` is where to look: "/sys".
std::vector<std::string> thermal_throttle_paths(const std::string& sysfs);

}  // namespace mycontainer::runtime::security

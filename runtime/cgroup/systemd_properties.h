// v2's limits as properties of a systemd unit. Parent side; pure.
//
// Source: systemd.resource-control(5), org.freedesktop.systemd1(5).
#pragma once

#include <vector>

#include "reexec/sys/error.h"
#include "runtime/cgroup/resources.h"
#include "runtime/cgroup/systemd_message.h"

namespace mycontainer::runtime::cgroup {

// Those of the settings that systemd has a property for; it writes the files itself and again after
// every reload. A quota is rounded up to what systemd keeps, whole percents. Fails on a value that
// is no such limit (from `unified`), by its flag.
Result<std::vector<UnitProperty>> properties_of(const std::vector<Setting>& settings);

// "0-2,8" as systemd wants sets of numbers: {0x07, 0x01}, lowest first.
Result<std::vector<std::uint8_t>> bits_of(std::string_view list);

}  // namespace mycontainer::runtime::cgroup

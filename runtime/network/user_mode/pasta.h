// pasta(1) of the package passt: its command line. Pure.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/user_mode/addressing.h"

namespace mycontainer::runtime::network {

// For the network namespace that is its standard input. It stays in the foreground, and writes its number
// to its standard output once the interface is configured and the ports are bound. Nothing in the container
// leads to the host's loopback interface (--no-map-gw, no ports from there). Error: a protocol that
// it has not.
//
// It is started in the container's user namespace. It could enter that and the network namespace itself, by
// the number of a process; but Debian's AppArmor profile lets it look at no other process (ptrace
// read), and newer ones close all descriptors but the first three.
Result<std::vector<std::string>> pasta_arguments(const Addressing& addressing,
                                                 const std::vector<PublishedPort>& ports);

}  // namespace mycontainer::runtime::network

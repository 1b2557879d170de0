// pasta(1) of the package passt: its command line. Pure.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/user_mode/addressing.h"

namespace mycontainer::runtime::network {

// For the network namespace of `pid`. It stays in the foreground, and writes its number to its standard
// output once the interface is configured and the ports are bound. Nothing in the container leads to the
// host's loopback interface (--no-map-gw, no ports from there). Error: a protocol that it has not.
Result<std::vector<std::string>> pasta_arguments(const Addressing& addressing,
                                                 const std::vector<PublishedPort>& ports,
                                                 pid_t pid);

}  // namespace mycontainer::runtime::network

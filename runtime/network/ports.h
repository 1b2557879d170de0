// Published ports: which of the host's, and holding them. Parent side.
#pragma once

#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/network/address/settings.h"
#include "runtime/network/definition/attachment.h"

namespace mycontainer::runtime::network {

struct HeldPorts {
  std::vector<PublishedPort> ports;
  // Bound, and nothing else: nobody can take the port, and nobody gets an answer from it. In the order
  // of `ports`, but for SCTP that the kernel does not have.
  std::vector<UniqueFd> sockets;
};

enum class Hold : std::uint8_t {
  // As long as the container runs. Old TCP connections that have the port (TIME_WAIT) do not matter.
  kForLife,
  // Until another program binds it, pasta or slirp4netns: a port that only old TCP connections have
  // (TIME_WAIT) is free for that one. Meanwhile it accepts connections, which are reset at its end.
  kForOther,
};

// For each mapping a port of the host that nobody has, held by a bound socket: of 0.0.0.0 and, when the
// container has an IPv6 address, of [::] too, with the same number; of a range the first number that
// is free. `targets`: the container's addresses, IPv4 or IPv6 or both; the first of a family
// counts. A mapping whose host address is of a family that the container has not is an error; so is
// ::1 kept for life, from where the kernel lets nothing through to a container (firewall.h).
// "port 8080/tcp on 0.0.0.0 is already in use" (EADDRINUSE); a low port without permission; an
// address that is not the host's. SCTP is held where the kernel has it, and else only by its rule.
// There may be more than the process may have descriptors, as many as its hard limit (getrlimit(2)) allows;
// its soft limit, which the container inherits, stays what it was.
Result<HeldPorts> hold_ports(const std::vector<PortMapping>& mappings,
                             const std::vector<Address>& targets, Hold hold = Hold::kForLife);

}  // namespace mycontainer::runtime::network

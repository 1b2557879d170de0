// Private to runtime/network/firewall.
#pragma once

#include "runtime/network/firewall/firewall.h"
#include "runtime/network/netlink/netlink.h"

namespace mycontainer::runtime::network {

struct Firewall::Socket {
  Netlink netlink;
};

}  // namespace mycontainer::runtime::network

// The texts of the three files in /etc that the engine gives a container: hosts, hostname,
// resolv.conf. Parent side; pure.
#pragma once

#include <string>
#include <string_view>

namespace mycontainer::runtime::engine {

// localhost and the IPv6 names, then `address` (when there is one) with `hostname`. Without an
// address (--network none) the host name means 127.0.1.1, so that it resolves at all.
std::string hosts_text(std::string_view hostname, std::string_view address = {});

std::string hostname_text(std::string_view hostname);

// The host's resolv.conf for a container that does not share the host's network: name servers on
// the loopback interface (127/8, ::1) are left out, since they are not the container's; all else is
// kept as it is.
std::string resolv_conf_text(std::string_view host_text);

}  // namespace mycontainer::runtime::engine

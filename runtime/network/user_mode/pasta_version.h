// Which pasta(1) has what it takes to publish ports. Pure.
#pragma once

#include <string_view>

namespace mycontainer::runtime::network {

// By what `pasta --version` prints. Of those before the summer of 2023 (Debian 12 has one of March, which
// does not even know its version) two faults are known here:
//   - A TCP connection from outside is not established inside until the client has said something, so
//     that a server which speaks first (SMTP, FTP, MySQL) waits for ever.
//   - A UDP port that is published under a higher number is not answered on the host's loopback
//     interface, and some ports of the container's loopback interface lead to the host's.
// The first is mended in those of which this is true.
bool publishes_well(std::string_view version);

}  // namespace mycontainer::runtime::network

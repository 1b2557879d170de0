// The PORTS column. Pure.
#pragma once

#include <string>
#include <vector>

#include "runtime/lifecycle/container_ports.h"

namespace mycontainer::cmd::list {

// "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp"; ports in a row are a range where they are only exposed, or
// published under their own numbers: "9000-9002/tcp", "0.0.0.0:8000-8010->8000-8010/tcp". Ranges come
// first.
std::string ports_text(const std::vector<runtime::lifecycle::ContainerPort>& ports);

// "0.0.0.0:8080", "[::]:8080".
std::string host_port_text(const runtime::lifecycle::HostPort& host);

}  // namespace mycontainer::cmd::list

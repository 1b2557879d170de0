// Settings of the kernel's network stack: files of /proc/sys/net, of the network namespace that the
// calling thread is in. Parent side; private to runtime/network.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::network {

// By its name below /proc/sys/net: "ipv4/ip_forward". Without the line's end.
Result<std::string> read_sysctl(const std::string& name);

// Nothing when it says so already: then a read-only /proc/sys does not matter. Else the error names
// it as sysctl(8) does, "set net.ipv4.ip_forward=1", with a hint.
Result<void> set_sysctl(const std::string& name, std::string_view value);

// Of a family that the kernel has not, there is none to set: success.
Result<void> set_sysctl_if_there(const std::string& name, std::string_view value);

}  // namespace mycontainer::runtime::network

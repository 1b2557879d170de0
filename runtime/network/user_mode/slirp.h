// slirp4netns(1): its command line, and the messages of its API socket. Pure.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/user_mode/addressing.h"

namespace mycontainer::runtime::network {

// The descriptors it is given: it writes to one when it is ready, ends when something happens to the
// other, and makes its API socket in the directory that is the third.
inline constexpr int kSlirpReadyFd = 3, kSlirpExitFd = 4, kSlirpDirectoryFd = 5;
inline constexpr const char* kSlirpSocket = "slirp4netns.sock";

// For the network namespace of `pid`. Nothing in the container leads to the host's loopback interface,
// but for `forwards_names`: then the address Addressing::name_server() is the host's name server.
std::vector<std::string> slirp_arguments(const Addressing& addressing, bool forwards_names,
                                         bool has_ports, pid_t pid);

// What is said to the API socket to publish a port; IPv4, TCP and UDP.
Result<std::string> slirp_request(const PublishedPort& port);
// What it answered.
Result<void> read_slirp_answer(std::string_view answer, const PublishedPort& port);

}  // namespace mycontainer::runtime::network

// The host's name servers, where questions are forwarded to. Child side; private to dns.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::network {

// How long one of them has for its answer.
inline constexpr std::chrono::seconds kServerPatience{2};

struct Server {
  sockaddr_storage address{};
  socklen_t size = 0;
};

// Of "10.0.0.1", "fd00::1", "fe80::1%eth0"; what is none of these is left out.
std::vector<Server> parse_servers(const std::vector<std::string>& texts);

// A socket of SOCK_DGRAM or SOCK_STREAM that is connected, or being connected, from a port that the
// kernel chose at random. Only what comes from this very server arrives in it.
UniqueFd connect_to(const Server& server, int type);

// A number that nobody can guess.
std::uint16_t random_id();

}  // namespace mycontainer::runtime::network

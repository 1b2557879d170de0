#include "runtime/network/dns/servers.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "runtime/network/address/address.h"

namespace mycontainer::runtime::network {

namespace {

constexpr std::uint16_t kPort = 53;

template <class SockAddr>
Server server_of(const SockAddr& address) {
  Server server;
  std::memcpy(&server.address, &address, sizeof address);
  server.size = sizeof address;
  return server;
}

std::optional<Server> parse_server(const std::string& text) {
  const auto percent = text.find('%');
  const auto parsed = Address::parse(text.substr(0, percent));
  if (!parsed) return {};
  if (!parsed->is_v6()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(kPort);
    std::memcpy(&address.sin_addr, parsed->bytes().data(), sizeof address.sin_addr);
    return server_of(address);
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(kPort);
  std::memcpy(&address.sin6_addr, parsed->bytes().data(), sizeof address.sin6_addr);
  if (percent != text.npos) {
    address.sin6_scope_id = ::if_nametoindex(text.substr(percent + 1).c_str());
  }
  return server_of(address);
}

}  // namespace

std::vector<Server> parse_servers(const std::vector<std::string>& texts) {
  std::vector<Server> servers;
  for (const std::string& text : texts) {
    if (const auto server = parse_server(text)) servers.push_back(*server);
  }
  return servers;
}

UniqueFd connect_to(const Server& server, int type) {
  UniqueFd made(::socket(server.address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* address = reinterpret_cast<const sockaddr*>(&server.address);
  if (made && ::connect(made.get(), address, server.size) < 0 && errno != EINPROGRESS) made.reset();
  return made;
}

std::uint16_t random_id() {
  std::uint16_t id = 0;
  (void)!::getrandom(&id, sizeof id, 0);
  return id;
}

}  // namespace mycontainer::runtime::network

#include "rootfs/registry/resolve.h"

#include <ares.h>
#include <arpa/inet.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace mycontainer::rootfs::registry {

namespace {

struct Channel {
  ares_channel handle = nullptr;
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    if (handle != nullptr) ::ares_destroy(handle);
  }
};

struct Answer {
  int status = -1;  // of c-ares; -1: still waiting
  std::vector<Address> addresses;
};

void keep(void* place, int status, int, ares_addrinfo* info) {
  auto& answer = *static_cast<Answer*>(place);
  answer.status = status;
  if (info == nullptr) return;
  for (const ares_addrinfo_node* node = info->nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
    Address address;
    address.size = std::min<socklen_t>(node->ai_addrlen, sizeof address.storage);
    std::memcpy(&address.storage, node->ai_addr, address.size);
    answer.addresses.push_back(address);
  }
  ::ares_freeaddrinfo(info);
}

// One turn of c-ares' sockets.
void turn(ares_channel channel, int milliseconds) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const int mask = ::ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM);
  std::vector<pollfd> polled;
  for (unsigned i = 0; i < sockets.size(); ++i) {
    const bool reads = ARES_GETSOCK_READABLE(static_cast<unsigned>(mask), i) != 0;
    const bool writes = ARES_GETSOCK_WRITABLE(static_cast<unsigned>(mask), i) != 0;
    if (!reads && !writes) continue;
    const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
    polled.push_back({sockets[i], static_cast<short>(events), 0});
  }
  timeval limit{milliseconds / 1000, milliseconds % 1000 * 1000}, next{};
  const timeval* wait = ::ares_timeout(channel, &limit, &next);
  ::poll(polled.data(), polled.size(),
         static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1));
  ::ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what timed out
  for (const pollfd& one : polled) {
    const bool failed = (one.revents & (POLLERR | POLLHUP)) != 0;
    ::ares_process_fd(channel, failed || (one.revents & POLLIN) != 0 ? one.fd : ARES_SOCKET_BAD,
                      (one.revents & POLLOUT) != 0 ? one.fd : ARES_SOCKET_BAD);
  }
}

Failure lookup_failure(const std::string& host, int status) {
  const bool is_missing = status == ARES_ENOTFOUND || status == ARES_ENODATA;
  const int code = is_missing ? ENOENT : ETIMEDOUT;
  // The code is for the caller; what is said is the resolver's.
  return Failure(Error{
      fmt::format("lookup {}: {}", host, is_missing ? "no such host" : ::ares_strerror(status)),
      code,
      {},
      0});
}

std::optional<Address> numeric_address(const std::string& host) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);   // NOLINT
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);  // NOLINT
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    address.size = sizeof *v4;
    return address;
  }
  if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    address.size = sizeof *v6;
    return address;
  }
  return std::nullopt;
}

void set_port(std::vector<Address>& addresses, std::uint16_t port) {
  for (Address& address : addresses) {
    // The port lies at the same place in both (NOLINTNEXTLINE).
    reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
  }
}

std::vector<Address> in_turns(const std::vector<Address>& addresses) {
  std::array<std::vector<Address>, 2> families;
  const int first = addresses.front().family();
  for (const Address& address : addresses) {
    families[address.family() == first ? 0 : 1].push_back(address);
  }
  std::vector<Address> mixed;
  for (std::size_t i = 0; i < std::max(families[0].size(), families[1].size()); ++i) {
    for (const auto& family : families) {
      if (i < family.size()) mixed.push_back(family[i]);
    }
  }
  return mixed;
}

Result<std::vector<Address>> look_up(const std::string& host, Clock::time_point deadline) {
  Channel channel;
  ares_options options{};
  options.timeout = 3000;
  options.tries = 3;
  if (const int status =
          ::ares_init_options(&channel.handle, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
      status != ARES_SUCCESS) {
    return lookup_failure(host, status);
  }
  Answer answer;
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ::ares_getaddrinfo(channel.handle, host.c_str(), nullptr, &hints, keep, &answer);
  while (answer.status == -1) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return lookup_failure(host, ARES_ETIMEOUT);
    turn(channel.handle, static_cast<int>(left.count()));
  }
  if (answer.status != ARES_SUCCESS) return lookup_failure(host, answer.status);
  if (answer.addresses.empty()) return lookup_failure(host, ARES_ENODATA);
  return in_turns(answer.addresses);
}

}  // namespace

Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port,
                                     Clock::time_point deadline) {
  std::vector<Address> addresses;
  if (auto address = numeric_address(host)) {
    addresses.push_back(*address);
  } else if (host == "localhost" || host.ends_with(".localhost")) {  // RFC 6761, 6.3
    for (const char* name : {"127.0.0.1", "::1"}) addresses.push_back(*numeric_address(name));
  } else if (host.ends_with(".invalid")) {  // 6.4 there
    return lookup_failure(host, ARES_ENOTFOUND);
  } else {
    TRY(addresses, look_up(host, deadline));
  }
  set_port(addresses, port);
  return addresses;
}

}  // namespace mycontainer::rootfs::registry

#include "runtime/network/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "reexec/sys/more_descriptors.h"

namespace mycontainer::runtime::network {

namespace {

// One number of one protocol on one or two addresses, the second of another family.
struct Place {
  std::vector<Address> addresses;
  Protocol protocol = Protocol::kTcp;
  Hold hold = Hold::kForLife;
};

struct Held {
  std::uint16_t number = 0;
  std::vector<UniqueFd> sockets;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress socket_address(const Address& address, std::uint16_t number) {
  SocketAddress made;
  const auto bytes = address.bytes();
  if (address.is_v6()) {
    auto& in = reinterpret_cast<sockaddr_in6&>(made.storage);
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(number);
    std::memcpy(&in.sin6_addr, bytes.data(), bytes.size());
    made.length = sizeof in;
  } else {
    auto& in = reinterpret_cast<sockaddr_in&>(made.storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(number);
    std::memcpy(&in.sin_addr, bytes.data(), bytes.size());
    made.length = sizeof in;
  }
  return made;
}

// sin_port and sin6_port lie at the same place.
std::uint16_t number_of(const UniqueFd& socket) {
  sockaddr_in6 bound{};
  socklen_t length = sizeof bound;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &length);
  return ntohs(bound.sin6_port);
}

UniqueFd make_socket(Family family, Protocol protocol) {
  const int domain = family == Family::kIpv6 ? AF_INET6 : AF_INET;
  switch (protocol) {
    case Protocol::kTcp:
      return UniqueFd(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
    case Protocol::kUdp:
      return UniqueFd(::socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
    case Protocol::kSctp:
      return UniqueFd(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP));
  }
  return {};
}

std::string shown(const Address& address) {
  return address.is_v6() ? "[" + address.to_text() + "]" : address.to_text();
}

Failure explain(int code, const Address& address, std::uint16_t number, Protocol protocol) {
  const auto word = to_text(protocol);
  if (code == EADDRINUSE) {
    auto failure =
        fail_code(code, "port {}/{} on {} is already in use", number, word, shown(address));
    failure.value().hint =
        fmt::format("who has it: mycontainer ps, or: ss -anp 'sport = :{}'", number);
    return failure;
  }
  if (code == EADDRNOTAVAIL) {
    return fail_code(code, "publish port {}/{}: {} is not an address of this host", number, word,
                     shown(address));
  }
  auto failure = fail_code(code, "publish port {}/{} on {}", number, word, shown(address));
  if (code == EACCES) {
    failure.value().hint =
        "ports below net.ipv4.ip_unprivileged_port_start take the capability CAP_NET_BIND_SERVICE";
  }
  return failure;
}

// An empty descriptor: the kernel has not this protocol.
Result<UniqueFd> open_socket(const Address& address, std::uint16_t number, Protocol protocol) {
  UniqueFd socket = make_socket(address.family(), protocol);
  if (!socket) {
    if (protocol == Protocol::kSctp && errno == EPROTONOSUPPORT) return UniqueFd();
    return explain(errno, address, number, protocol);
  }
  const int on = 1, least = 0;
  if (address.is_v6()) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // Nobody reads what comes before the rules send it on.
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
  return socket;
}

bool bind_to(const UniqueFd& socket, const Address& address, std::uint16_t number) {
  const SocketAddress name = socket_address(address, number);
  return ::bind(socket.get(), name.get(), name.length) == 0;
}

// With SO_REUSEADDR old connections do not matter, but two that only bind could both have the port. Of
// those that listen there is one.
bool bind_and_listen(const UniqueFd& socket, const Address& address, std::uint16_t number) {
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return bind_to(socket, address, number) && ::listen(socket.get(), 0) == 0;
}

// Bound still, as it was to a number that it was given; and no longer willing to share.
void stop_listening(const UniqueFd& socket) {
  const int off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &off, sizeof off);
  ::shutdown(socket.get(), SHUT_RDWR);
}

bool hold(const UniqueFd& socket, const Address& address, std::uint16_t number,
          const Place& place) {
  if (place.protocol != Protocol::kTcp) return bind_to(socket, address, number);
  if (place.hold == Hold::kForOther) return bind_and_listen(socket, address, number);
  if (bind_to(socket, address, number)) return true;
  if (errno != EADDRINUSE || number == 0 || !bind_and_listen(socket, address, number)) return false;
  stop_listening(socket);
  return true;
}

Result<UniqueFd> bind_one(const Address& address, std::uint16_t number, const Place& place) {
  TRY(UniqueFd socket, open_socket(address, number, place.protocol));
  if (socket && !hold(socket, address, number, place)) {
    return explain(errno, address, number, place.protocol);
  }
  return socket;
}

// A number for a protocol that the kernel cannot give one of (RFC 6335: dynamic ports).
std::uint16_t any_number() {
  constexpr std::uint16_t kFirst = 49152;
  std::uint16_t random = 0;
  (void)::getrandom(&random, sizeof random, 0);
  return static_cast<std::uint16_t>(kFirst + random % (65536 - kFirst));
}

// On all addresses the same; 0: that which the kernel gives for the first of them.
Result<Held> bind_all(const Place& place, std::uint16_t number) {
  Held held{number, {}};
  for (const Address& address : place.addresses) {
    TRY(UniqueFd socket, bind_one(address, held.number, place));
    if (!socket) {
      if (held.number == 0) held.number = any_number();
      continue;
    }
    if (held.number == 0) held.number = number_of(socket);
    held.sockets.push_back(std::move(socket));
  }
  return held;
}

bool is_taken(const Result<Held>& held) { return !held && held.error().code == EADDRINUSE; }

Result<Held> bind_any(const Place& place) {
  constexpr int kTries = 200;
  auto held = bind_all(place, 0);
  for (int i = 1; i < kTries && is_taken(held); ++i) held = bind_all(place, 0);
  return held;
}

Result<Held> bind_range(const Place& place, std::uint16_t first, std::uint16_t last) {
  for (std::uint32_t number = first; number <= last; ++number) {
    auto held = bind_all(place, static_cast<std::uint16_t>(number));
    if (!is_taken(held)) return held;
  }
  return fail_code(EADDRINUSE, "no port of {}-{}/{} on {} is free", first, last,
                   to_text(place.protocol), shown(place.addresses.front()));
}

Result<Held> bind_place(const Place& place, const PortMapping& mapping) {
  if (mapping.host_port == 0) return bind_any(place);
  if (mapping.host_port_last > mapping.host_port) {
    return bind_range(place, mapping.host_port, mapping.host_port_last);
  }
  return bind_all(place, mapping.host_port);
}

std::optional<Address> of_family(const std::vector<Address>& addresses, Family family) {
  const auto found = std::ranges::find(addresses, family, &Address::family);
  if (found == addresses.end()) return {};
  return *found;
}

Result<Place> place_of(const PortMapping& mapping, const std::vector<Address>& targets, Hold hold) {
  Place place{{}, mapping.protocol, hold};
  if (mapping.host_address.empty()) {
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      if (of_family(targets, family)) place.addresses.emplace_back(family);
    }
    if (place.addresses.empty()) {
      return fail("publish port {}/{}: the container has no address", mapping.container_port,
                  to_text(mapping.protocol));
    }
    return place;
  }
  const auto address = Address::parse(mapping.host_address);
  if (!address) return fail("publish: {} is not an address", mapping.host_address);
  if (!of_family(targets, address->family())) {
    auto failure =
        fail("publish port {}/{} on {}: the container has no {} address", mapping.container_port,
             to_text(mapping.protocol), shown(*address), address->is_v6() ? "IPv6" : "IPv4");
    failure.value().hint = "a network has addresses of the families of its subnets";
    return failure;
  }
  if (hold == Hold::kForLife && address->is_v6() && address->is_loopback()) {
    auto failure =
        fail("publish port {}/{} on [::1]: the kernel lets nothing from there to a container",
             mapping.container_port, to_text(mapping.protocol));
    failure.value().hint = "publish it on 127.0.0.1";
    return failure;
  }
  place.addresses.push_back(*address);
  return place;
}

// Who starts a container has few others open.
bool are_many(std::size_t sockets) {
  constexpr rlim_t kOthers = 256;
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < sockets + kOthers;
}

}  // namespace

Result<HeldPorts> hold_ports(const std::vector<PortMapping>& mappings,
                             const std::vector<Address>& targets, Hold hold) {
  HeldPorts all;
  const std::size_t most = mappings.size() * 2;
  std::optional<reexec::sys::MoreDescriptors> room;
  if (are_many(most)) room.emplace(most);
  for (const PortMapping& mapping : mappings) {
    TRY(const Place place, place_of(mapping, targets, hold));
    TRY(Held held, bind_place(place, mapping));
    for (UniqueFd& socket : held.sockets) {
      all.sockets.push_back(room ? room->out_of_the_way(std::move(socket)) : std::move(socket));
    }
    for (const Address& address : place.addresses) {
      all.ports.push_back({address, held.number, mapping.container_port, mapping.protocol,
                           *of_family(targets, address.family())});
    }
  }
  return all;
}

}  // namespace mycontainer::runtime::network

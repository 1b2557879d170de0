#include "tests/unit/firewall/hosts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "reexec/sys/file.h"
#include "runtime/network/address/address.h"

namespace mycontainer::runtime::network {

namespace {

// Before its detection of duplicates ends, a second or two, a device asks for no neighbour.
const std::string kNoDetection =
    "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad && "
    "echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad";

constexpr int kPatience = 300;  // milliseconds; over virtual wires everything takes less than one

UniqueFd current() {
  auto netns = sys::open_at(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY);
  EXPECT_TRUE(netns);
  return std::move(*netns);
}

sockaddr_in6 name_of(const std::string& text, std::uint16_t port) {
  const auto address = Address::parse(text);
  EXPECT_TRUE(address) << text;
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(port);
  ::inet_pton(AF_INET6, (address->is_v6() ? text : "::ffff:" + text).c_str(), &name.sin6_addr);
  return name;
}

std::string text_of(const sockaddr_in6& name) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &name.sin6_addr, text.data(), text.size());
  const std::string shown = text.data();
  return shown.starts_with("::ffff:") ? shown.substr(7) : shown;
}

// IPv4 too: as mapped addresses.
UniqueFd socket_for(Protocol protocol) {
  const int type = protocol == Protocol::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  UniqueFd socket(::socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int off = 0, on = 1;
  ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return socket;
}

bool ready(const UniqueFd& socket, short what) {
  pollfd entry{socket.get(), what, 0};
  return ::poll(&entry, 1, kPatience) > 0 && (entry.revents & what) != 0;
}

void join(const Host& guest, const std::string& wire, const std::string& bridge,
          const std::string& network, int number) {
  const std::string four = "10." + network + ".0.", six = "fd" + network + "::";
  ASSERT_TRUE(shell("ip link add " + wire + " type veth peer name eth0 && ip link set eth0 netns " +
                    guest.path() + " && ip link set " + wire + " master " + bridge + " up"));
  const std::string own = std::to_string(number);
  ASSERT_TRUE(guest.run("ip addr add " + four + own + "/24 dev eth0 && ip addr add " + six + own +
                        "/64 dev eth0 nodad && ip link set eth0 up && ip route add default via " +
                        four + "1 && ip route add default via " + six + "1"));
}

void add_bridge(const std::string& name, const std::string& network) {
  ASSERT_TRUE(shell("ip link add " + name + " type bridge && ip addr add 10." + network +
                    ".0.1/24 dev " + name + " && ip addr add fd" + network + "::1/64 dev " + name +
                    " nodad && ip link set " + name + " up && echo 1 >/proc/sys/net/ipv4/conf/" +
                    name + "/route_localnet"));
}

}  // namespace

bool shell(const std::string& command) { return std::system(command.c_str()) == 0; }

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

Host Host::here() { return Host(current()); }

Host Host::make() {
  const Host host = here();
  EXPECT_EQ(::unshare(CLONE_NEWNET), 0);
  Host made = here();
  EXPECT_TRUE(shell("ip link set lo up && " + kNoDetection));
  EXPECT_EQ(::setns(host.netns_.get(), CLONE_NEWNET), 0);
  return made;
}

std::string Host::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(netns_.get());
}

Host::Visit::Visit(const Host& host) : back(current()) {
  EXPECT_EQ(::setns(host.netns_.get(), CLONE_NEWNET), 0);
}

Host::Visit::~Visit() { EXPECT_EQ(::setns(back.get(), CLONE_NEWNET), 0); }

Server::Server(const Host& host, std::uint16_t port, Protocol protocol, const std::string& own)
    : protocol_(protocol) {
  host.inside([&] {
    socket_ = socket_for(protocol);
    const sockaddr_in6 name = name_of(own, port);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    if (protocol == Protocol::kTcp) {
      EXPECT_EQ(::listen(socket_.get(), 16), 0);
    }
  });
}

std::optional<std::string> Server::reached_from(const Host& client, const std::string& address,
                                                std::uint16_t port, const std::string& source) {
  const UniqueFd socket = client.inside([&] { return socket_for(protocol_); });
  if (!source.empty()) {
    const sockaddr_in6 own = name_of(source, 0);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
  }
  const sockaddr_in6 name = name_of(address, port);
  const int connected =
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  if (connected < 0 && errno != EINPROGRESS) return {};
  if (protocol_ == Protocol::kUdp && ::send(socket.get(), "?", 1, 0) != 1) return {};
  sockaddr_in6 peer{};
  socklen_t length = sizeof peer;
  auto* peer_name = reinterpret_cast<sockaddr*>(&peer);
  if (!ready(socket_, POLLIN)) return {};
  char byte = 0;
  if (protocol_ == Protocol::kUdp) {
    EXPECT_EQ(::recvfrom(socket_.get(), &byte, 1, 0, peer_name, &length), 1);
    EXPECT_EQ(::sendto(socket_.get(), "!", 1, 0, peer_name, length), 1);
  } else {
    const UniqueFd accepted(::accept4(socket_.get(), peer_name, &length, SOCK_CLOEXEC));
    EXPECT_EQ(::send(accepted.get(), "!", 1, MSG_NOSIGNAL), 1);
  }
  if (!ready(socket, POLLIN) || ::recv(socket.get(), &byte, 1, 0) != 1 || byte != '!') return {};
  return text_of(peer);
}

Hosts::Hosts()
    : host(Host::here()),
      outside(Host::make()),
      a(Host::make()),
      a2(Host::make()),
      b(Host::make()),
      i(Host::make()) {
  EXPECT_TRUE(shell(kNoDetection +
                    " && ip link set lo up && echo 1 >/proc/sys/net/ipv4/ip_forward && "
                    "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding && "
                    "ip link add wan type veth peer name eth0 && ip link set eth0 netns " +
                    outside.path() +
                    " && ip addr add 192.0.2.1/24 dev wan && "
                    "ip addr add 2001:db8::1/64 dev wan nodad && ip link set wan up"));
  EXPECT_TRUE(outside.run(
      "ip addr add 192.0.2.2/24 dev eth0 && ip addr add 2001:db8::2/64 dev eth0 nodad && "
      "ip link set eth0 up && ip route add default via 192.0.2.1 && "
      "ip route add default via 2001:db8::1"));
  add_bridge("mca", "66");
  add_bridge("mcb", "67");
  add_bridge("mci", "68");
  join(a, "mcva", "mca", "66", 2);
  join(a2, "mcva2", "mca", "66", 3);
  join(b, "mcvb", "mcb", "67", 2);
  join(i, "mcvi", "mci", "68", 2);
}

}  // namespace mycontainer::runtime::network

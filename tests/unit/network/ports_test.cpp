#include "runtime/network/ports.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "tests/support/in_namespaces.h"

namespace mycontainer::runtime::network {
namespace {

const std::vector<Address> kIpv4 = {*Address::parse("10.66.0.2")};
const std::vector<Address> kBoth = {*Address::parse("10.66.0.2"), *Address::parse("fd00::2")};

PortMapping mapping(std::uint16_t host, std::uint16_t inside, Protocol protocol = Protocol::kTcp) {
  PortMapping made;
  made.host_port = host;
  made.container_port = inside;
  made.protocol = protocol;
  return made;
}

PortMapping mapping_at(const std::string& address, std::uint16_t host, std::uint16_t inside) {
  PortMapping made = mapping(host, inside);
  made.host_address = address;
  return made;
}

// Ports are of a network namespace: in one of its own, nobody else has any.
void alone(const std::function<void()>& body) {
  test::in_namespaces(CLONE_NEWNET, [&] {
    ASSERT_EQ(std::system("ip link set lo up"), 0);
    body();
  });
}

int error_of(const Result<HeldPorts>& held) { return held ? 0 : held.error().code; }

TEST(HoldPorts, HoldsBothFamiliesByTheSameNumber) {
  SKIP_UNLESS_ROOT();
  alone([] {
    const auto held = hold_ports({mapping(8080, 80)}, kBoth);
    ASSERT_TRUE(held) << held.error().message();
    ASSERT_EQ(held->ports.size(), 2u);
    EXPECT_EQ(held->ports[0].host_address.to_text(), "0.0.0.0");
    EXPECT_EQ(held->ports[1].host_address.to_text(), "::");
    EXPECT_EQ(held->ports[1].target, kBoth[1]);
    EXPECT_EQ(held->ports[1].host_port, 8080);
    EXPECT_EQ(held->ports[1].container_port, 80);
    EXPECT_EQ(held->sockets.size(), 2u);
    EXPECT_EQ(::fcntl(held->sockets[0].get(), F_GETFD), FD_CLOEXEC);
  });
}

TEST(HoldPorts, OfTheContainersFamiliesOnly) {
  SKIP_UNLESS_ROOT();
  alone([] {
    const auto held = hold_ports({mapping(8080, 80)}, kIpv4);
    ASSERT_TRUE(held);
    EXPECT_EQ(held->ports.size(), 1u);
    const auto other = hold_ports({mapping_at("::1", 8080, 80)}, kIpv4);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().message(),
              "publish port 80/tcp on [::1]: the container has no IPv6 address");
  });
}

TEST(HoldPorts, RefusesAPortInUseWhoeverHasIt) {
  SKIP_UNLESS_ROOT();
  alone([] {
    const auto held = hold_ports({mapping(8080, 80)}, kBoth);
    ASSERT_TRUE(held);
    const auto again = hold_ports({mapping_at("127.0.0.1", 8080, 80)}, kBoth);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().operation, "port 8080/tcp on 127.0.0.1 is already in use");
    EXPECT_EQ(again.error().code, EADDRINUSE);
    EXPECT_TRUE(hold_ports({mapping(8080, 80, Protocol::kUdp)}, kBoth));  // another protocol
    // All or none: the first of these is free again.
    EXPECT_EQ(error_of(hold_ports({mapping(8081, 80), mapping(8080, 80)}, kBoth)), EADDRINUSE);
    EXPECT_TRUE(hold_ports({mapping(8081, 80)}, kBoth));
  });
}

TEST(HoldPorts, NobodyTakesAHeldPortNorIsAnswered) {
  SKIP_UNLESS_ROOT();
  alone([] {
    const auto held = hold_ports({mapping(8080, 80)}, kIpv4);
    ASSERT_TRUE(held);
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in name{AF_INET, htons(8080), {htonl(INADDR_LOOPBACK)}, {}};
    EXPECT_LT(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    EXPECT_LT(::connect(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(errno, ECONNREFUSED);
  });
}

// A server of the host that has just ended, as `netstat` shows it for a minute.
void leave_an_old_connection(std::uint16_t port) {
  const UniqueFd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in name{AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {}};
  const auto* address = reinterpret_cast<const sockaddr*>(&name);
  const int on = 1;  // as servers have it
  ::setsockopt(server.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ASSERT_EQ(::bind(server.get(), address, sizeof name), 0);
  ASSERT_EQ(::listen(server.get(), 1), 0);
  ASSERT_EQ(::connect(client.get(), address, sizeof name), 0);
  { const UniqueFd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  char byte = 0;
  EXPECT_EQ(::read(client.get(), &byte, 1), 0);
}

TEST(HoldPorts, OldConnectionsDoNotMatterAndItIsHeldAllTheSame) {
  SKIP_UNLESS_ROOT();
  alone([] {
    leave_an_old_connection(8080);
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{AF_INET, htons(8080), {htonl(INADDR_LOOPBACK)}, {}};
    auto* address = reinterpret_cast<sockaddr*>(&name);
    EXPECT_LT(::bind(socket.get(), address, sizeof name), 0);  // so it is there

    const auto held = hold_ports({mapping(8080, 80)}, kIpv4);
    ASSERT_TRUE(held) << held.error().message();
    EXPECT_EQ(error_of(hold_ports({mapping(8080, 80)}, kIpv4)), EADDRINUSE);
    EXPECT_LT(::connect(socket.get(), address, sizeof name), 0);
    EXPECT_EQ(errno, ECONNREFUSED);
    const UniqueFd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(other.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    EXPECT_LT(::bind(other.get(), address, sizeof name), 0);
  });
}

TEST(HoldPorts, RefusesTheLoopbackAddressThatLeadsNowhere) {
  const auto held = hold_ports({mapping_at("::1", 8080, 80)}, kBoth);
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message(),
            "publish port 80/tcp on [::1]: the kernel lets nothing from there to a container");
}

TEST(HoldPorts, RandomOnesAreTheSameInBothFamiliesAndDiffer) {
  SKIP_UNLESS_ROOT();
  alone([] {
    const auto held =
        hold_ports({mapping(0, 80), mapping(0, 81), mapping(0, 53, Protocol::kUdp)}, kBoth);
    ASSERT_TRUE(held) << held.error().message();
    ASSERT_EQ(held->ports.size(), 6u);
    EXPECT_NE(held->ports[0].host_port, 0);
    EXPECT_EQ(held->ports[0].host_port, held->ports[1].host_port);
    EXPECT_EQ(held->ports[4].host_port, held->ports[5].host_port);
    EXPECT_NE(held->ports[0].host_port, held->ports[2].host_port);
  });
}

TEST(HoldPorts, TakesTheFirstFreeOfARange) {
  SKIP_UNLESS_ROOT();
  alone([] {
    PortMapping range = mapping(9000, 80);
    range.host_port_last = 9002;
    // 9000 is taken in one family, 9001 in the other.
    const auto four = hold_ports({mapping_at("0.0.0.0", 9000, 1)}, kBoth);
    const auto six = hold_ports({mapping_at("::", 9001, 1)}, kBoth);
    ASSERT_TRUE(four && six);
    const auto held = hold_ports({range}, kBoth);
    ASSERT_TRUE(held) << held.error().message();
    EXPECT_EQ(held->ports[0].host_port, 9002);
    EXPECT_EQ(held->ports[1].host_port, 9002);
    const auto none = hold_ports({range}, kBoth);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().operation, "no port of 9000-9002/tcp on 0.0.0.0 is free");
  });
}

TEST(HoldPorts, TakesTheLastPortOfAll) {
  SKIP_UNLESS_ROOT();
  alone([] {
    PortMapping range = mapping(65535, 80);
    range.host_port_last = 65535;
    EXPECT_TRUE(hold_ports({range}, kIpv4));
    range.host_port = 65534;
    const auto held = hold_ports({range, range}, kIpv4);
    ASSERT_TRUE(held);
    EXPECT_EQ(held->ports[1].host_port, 65535);
    EXPECT_EQ(error_of(hold_ports({range, range, range}, kIpv4)), EADDRINUSE);
  });
}

TEST(HoldPorts, RefusesAnAddressThatIsNotTheHosts) {
  SKIP_UNLESS_ROOT();
  alone([] {
    const auto held = hold_ports({mapping_at("192.0.2.1", 8080, 80)}, kIpv4);
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().operation,
              "publish port 8080/tcp: 192.0.2.1 is not an address of this host");
  });
}

TEST(HoldPorts, ALowPortTakesARight) {
  SKIP_UNLESS_ROOT();
  alone([] {
    EXPECT_TRUE(hold_ports({mapping(80, 80)}, kIpv4));
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(::setresuid(kNobody, kNobody, kNobody), 0);
    const auto held = hold_ports({mapping(80, 80)}, kIpv4);
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().code, EACCES);
    EXPECT_NE(held.error().hint.find("CAP_NET_BIND_SERVICE"), std::string::npos);
  });
}

TEST(HoldPorts, ForSctpTheKernelsLackOfItIsNoError) {
  SKIP_UNLESS_ROOT();
  alone([] {
    const auto held =
        hold_ports({mapping(8080, 80, Protocol::kSctp), mapping(0, 80, Protocol::kSctp)}, kBoth);
    ASSERT_TRUE(held) << held.error().message();
    EXPECT_EQ(held->ports.size(), 4u);
    EXPECT_NE(held->ports[2].host_port, 0);
    EXPECT_EQ(held->ports[2].host_port, held->ports[3].host_port);
  });
}

TEST(HoldPorts, HoldsMoreThanTheSoftLimitOfDescriptorsWhichStays) {
  SKIP_UNLESS_ROOT();
  alone([] {
    rlimit limit{256, 4096};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    std::vector<PortMapping> many;
    for (std::uint16_t i = 0; i < 1500; ++i)
      many.push_back(mapping(static_cast<std::uint16_t>(20000 + i), 80));
    const auto held = hold_ports(many, kBoth);
    ASSERT_TRUE(held) << held.error().message();
    EXPECT_EQ(held->sockets.size(), 3000u);
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(limit.rlim_cur, 256u);
    EXPECT_TRUE(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)));  // there is still room
    EXPECT_EQ(error_of(hold_ports({mapping(21499, 80)}, kBoth)), EADDRINUSE);
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network

// What the rules do to packets.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>

#include "reexec/sys/unique_fd.h"
#include "runtime/network/firewall/firewall.h"
#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/firewall/hosts.h"

namespace mycontainer::runtime::network {
namespace {

constexpr auto kTcp = Protocol::kTcp, kUdp = Protocol::kUdp;

PublishedPort port(const std::string& host, std::uint16_t number, const std::string& target,
                   std::uint16_t inside, Protocol protocol = kTcp) {
  return {*Address::parse(host), number, inside, protocol, *Address::parse(target)};
}

using Ports = std::vector<PublishedPort>;
using Seen = std::optional<std::string>;
const Seen kNothing;

struct World : Hosts {
  World() : firewall(Firewall::open({"", state.path(), {}})) {
    EXPECT_TRUE(firewall);
    for (const BridgeRules& rules : {BridgeRules{"mca"}, {"mcb"}, {"mci", true}}) {
      const auto added = firewall->add_bridge(rules);
      EXPECT_TRUE(added) << added.error().message();
    }
  }
  void publish(const Ports& ports) {
    const auto done = firewall->publish(ports);
    EXPECT_TRUE(done) << done.error().message();
  }
  test::TemporaryDirectory state;
  Result<Firewall> firewall;
};

// With frames on a bridge going through the rules of IP as well, and without.
template <class Body>
void in_a_world(Body&& body) {
  for (const char* bridged : {"0", "1"}) {
    SCOPED_TRACE(std::string("bridge-nf-call-iptables ") + bridged);
    test::in_namespaces(CLONE_NEWNET, [&] {
      for (const char* name : {"iptables", "ip6tables"}) {
        (void)shell(std::string("echo ") + bridged +
                    " 2>/dev/null >/proc/sys/net/bridge/bridge-nf-call-" + name);
      }
      World world;
      body(world);
    });
  }
}

#define SKIP_WITHOUT_IP() \
  SKIP_UNLESS_ROOT();     \
  if (!shell("command -v ip >/dev/null")) GTEST_SKIP() << "ip (iproute2) is not installed"

TEST(Traffic, APublishedPortIsReachedFromOutsideAndSeesTheRealClient) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    world.publish({port("0.0.0.0", 8080, "10.66.0.2", 80), port("::", 8080, "fd66::2", 80),
                   port("0.0.0.0", 5353, "10.66.0.2", 53, kUdp),
                   port("::", 5353, "fd66::2", 53, kUdp)});
    Server web(world.a, 80, kTcp), names(world.a, 53, kUdp);
    EXPECT_EQ(web.reached_from(world.outside, "192.0.2.1", 8080), "192.0.2.2");
    EXPECT_EQ(web.reached_from(world.outside, "2001:db8::1", 8080), "2001:db8::2");
    EXPECT_EQ(names.reached_from(world.outside, "192.0.2.1", 5353), "192.0.2.2");
    EXPECT_EQ(names.reached_from(world.outside, "2001:db8::1", 5353), "2001:db8::2");
    EXPECT_EQ(web.reached_from(world.outside, "192.0.2.1", 8081), kNothing);
    EXPECT_EQ(web.reached_from(world.outside, "192.0.2.1", 5353), kNothing);  // UDP's
  });
}

TEST(Traffic, APublishedPortIsReachedFromTheHostItself) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    world.publish({port("0.0.0.0", 8080, "10.66.0.2", 80), port("::", 8080, "fd66::2", 80),
                   port("0.0.0.0", 5353, "10.66.0.2", 53, kUdp)});
    Server web(world.a, 80, kTcp), names(world.a, 53, kUdp);
    EXPECT_EQ(web.reached_from(world.host, "192.0.2.1", 8080), "192.0.2.1");
    EXPECT_EQ(web.reached_from(world.host, "127.0.0.1", 8080), "10.66.0.1");
    EXPECT_EQ(web.reached_from(world.host, "127.1.2.3", 8080), "10.66.0.1");
    EXPECT_EQ(names.reached_from(world.host, "127.0.0.1", 5353), "10.66.0.1");
    EXPECT_EQ(web.reached_from(world.host, "2001:db8::1", 8080), "2001:db8::1");
    // What goes to ::1 stays here, and is refused at once where nobody listens.
    Server own(world.host, 8080, kTcp, "::1");
    EXPECT_EQ(own.reached_from(world.host, "::1", 8080), "::1");
  });
}

TEST(Traffic, APublishedPortIsReachedFromContainers) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    world.publish({port("0.0.0.0", 8080, "10.66.0.2", 80), port("::", 8080, "fd66::2", 80),
                   port("0.0.0.0", 5353, "10.66.0.2", 53, kUdp)});
    Server web(world.a, 80, kTcp), names(world.a, 53, kUdp);
    (void)shell("bridge link set dev mcva hairpin on");
    for (const char* address : {"192.0.2.1", "10.66.0.1", "2001:db8::1", "fd66::1"}) {
      SCOPED_TRACE(address);
      EXPECT_NE(web.reached_from(world.b, address, 8080), kNothing);   // of another network
      EXPECT_NE(web.reached_from(world.a2, address, 8080), kNothing);  // a neighbour
      EXPECT_NE(web.reached_from(world.a, address, 8080), kNothing);   // itself
    }
    EXPECT_EQ(web.reached_from(world.b, "192.0.2.1", 8080), "10.67.0.2");
    EXPECT_NE(names.reached_from(world.a2, "192.0.2.1", 5353), kNothing);
    EXPECT_NE(names.reached_from(world.a, "192.0.2.1", 5353), kNothing);
  });
}

TEST(Traffic, OfOneAddressOfTheHostOnly) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    world.publish({port("127.0.0.1", 8080, "10.66.0.2", 80),
                   port("192.0.2.1", 8081, "10.66.0.2", 80),
                   port("2001:db8::1", 8081, "fd66::2", 80)});
    Server web(world.a, 80, kTcp);
    EXPECT_EQ(web.reached_from(world.outside, "192.0.2.1", 8080), kNothing);
    EXPECT_NE(web.reached_from(world.host, "127.0.0.1", 8080), kNothing);
    EXPECT_EQ(web.reached_from(world.outside, "192.0.2.1", 8081), "192.0.2.2");
    EXPECT_EQ(web.reached_from(world.outside, "2001:db8::1", 8081), "2001:db8::2");
    EXPECT_EQ(web.reached_from(world.host, "127.0.0.1", 8081), kNothing);
  });
}

// Who writes 127.0.0.1 on a packet and sends it to the host all the same.
TEST(Traffic, APortOfTheLoopbackInterfaceIsOutOfReachOfNeighboursOnTheWire) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    Server web(world.a, 80, kTcp);
    EXPECT_TRUE(world.outside.run(
        "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ip addr del 127.0.0.1/8 dev lo; "
        "ip route add 127.0.0.1/32 via 192.0.2.1"));
    world.publish({port("127.0.0.1", 8080, "10.66.0.2", 80)});
    EXPECT_EQ(web.reached_from(world.outside, "127.0.0.1", 8080), kNothing);
    EXPECT_NE(web.reached_from(world.host, "127.0.0.1", 8080), kNothing);
    world.publish({port("0.0.0.0", 8081, "10.66.0.2", 80)});
    EXPECT_EQ(web.reached_from(world.outside, "127.0.0.1", 8081), kNothing);
    EXPECT_EQ(web.reached_from(world.outside, "192.0.2.1", 8081), "192.0.2.2");
  });
}

// A reset of no connection: conntrack calls it invalid, and translates nothing.
TEST(Traffic, NothingGoesOutUntranslated) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    const auto raw_socket = [] { return UniqueFd(::socket(AF_INET, SOCK_RAW, IPPROTO_TCP)); };
    const UniqueFd seen = world.outside.inside(raw_socket), sender = world.a.inside(raw_socket);
    const timeval patience{0, 300'000};
    ::setsockopt(seen.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in outside{AF_INET, 0, {htonl(0xc0000202)}, {}};
    tcphdr reset{};
    reset.th_sport = htons(5555);
    reset.th_dport = htons(80);
    reset.th_off = 5;
    reset.th_flags = TH_RST;
    EXPECT_EQ(::sendto(sender.get(), &reset, sizeof reset, 0,
                       reinterpret_cast<const sockaddr*>(&outside), sizeof outside),
              static_cast<ssize_t>(sizeof reset));
    std::array<char, 100> packet{};
    EXPECT_LT(::recv(seen.get(), packet.data(), packet.size(), 0), 0);
  });
}

TEST(Traffic, TheWayOutIsMasqueraded) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    Server web(world.outside, 80, kTcp), names(world.outside, 53, kUdp);
    EXPECT_EQ(web.reached_from(world.a, "192.0.2.2", 80), "192.0.2.1");
    EXPECT_EQ(web.reached_from(world.a, "2001:db8::2", 80), "2001:db8::1");
    EXPECT_EQ(names.reached_from(world.b, "192.0.2.2", 53), "192.0.2.1");
  });
}

TEST(Traffic, WhatIsNotPublishedIsReachedByNeighboursOnly) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    Server web(world.a, 80, kTcp);
    EXPECT_EQ(web.reached_from(world.a2, "10.66.0.2", 80), "10.66.0.3");
    EXPECT_EQ(web.reached_from(world.a2, "fd66::2", 80), "fd66::3");
    EXPECT_EQ(web.reached_from(world.host, "10.66.0.2", 80), "10.66.0.1");
    for (const Host* other : {&world.b, &world.i, &world.outside}) {
      EXPECT_EQ(web.reached_from(*other, "10.66.0.2", 80), kNothing);
      EXPECT_EQ(web.reached_from(*other, "fd66::2", 80), kNothing);
    }
  });
}

TEST(Traffic, NetworksThatAreNotIsolatedReachEachOther) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    Server web(world.b, 80, kTcp);
    ASSERT_TRUE(world.firewall->add_bridge({"mcb", false, false}));
    EXPECT_EQ(web.reached_from(world.a, "10.67.0.2", 80), kNothing);
    ASSERT_TRUE(world.firewall->add_bridge({"mca", false, false}));
    EXPECT_EQ(web.reached_from(world.a, "10.67.0.2", 80), "10.66.0.2");
    EXPECT_EQ(web.reached_from(world.i, "10.67.0.2", 80), kNothing);
  });
}

TEST(Traffic, AnInternalNetworkHasNoWayOutAndNoneIn) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    world.publish({port("0.0.0.0", 8080, "10.68.0.2", 80), port("::", 8080, "fd68::2", 80),
                   port("0.0.0.0", 8081, "10.66.0.2", 80)});
    Server inside(world.i, 80, kTcp), outside(world.outside, 80, kTcp), web(world.a, 80, kTcp);
    EXPECT_EQ(outside.reached_from(world.i, "192.0.2.2", 80), kNothing);
    EXPECT_EQ(outside.reached_from(world.i, "2001:db8::2", 80), kNothing);
    EXPECT_EQ(inside.reached_from(world.outside, "192.0.2.1", 8080), kNothing);
    EXPECT_EQ(inside.reached_from(world.outside, "2001:db8::1", 8080), kNothing);
    EXPECT_EQ(inside.reached_from(world.a, "192.0.2.1", 8080), kNothing);
    EXPECT_EQ(web.reached_from(world.i, "10.68.0.1", 8081), kNothing);
  });
}

// CVE-2020-8558: with route_localnet the host would take such packets from a bridge.
TEST(Traffic, NoContainerReachesTheHostsLoopback) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    Server local(world.host, 80, kTcp);
    ASSERT_TRUE(
        world.a.run("ip route add 127.0.0.2 via 10.66.0.1 dev eth0 && "
                    "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet && "
                    "ip rule add pref 5 to 127.0.0.2 lookup main && ip rule del pref 0 && "
                    "ip rule add pref 10 lookup local"));
    EXPECT_EQ(local.reached_from(world.a, "127.0.0.2", 80, "10.66.0.2"), kNothing);
    EXPECT_EQ(local.reached_from(world.a, "10.66.0.1", 80), "10.66.0.2");
    // The attack itself works: without the rules it arrives.
    ASSERT_TRUE(world.firewall->remove_table());
    EXPECT_EQ(local.reached_from(world.a, "127.0.0.2", 80, "10.66.0.2"), "10.66.0.2");
  });
}

TEST(Traffic, NoContainerPretendsToBeTheHost) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    ASSERT_TRUE(
        world.a.run("ip addr add 127.0.0.9/32 dev eth0 && "
                    "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet"));
    ASSERT_TRUE(shell("for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done"));
    Server names(world.host, 53, kUdp);
    EXPECT_EQ(names.reached_from(world.a, "10.66.0.1", 53, "127.0.0.9"), kNothing);
  });
}

TEST(Traffic, WhereForwardingWasOffNothingElseIsForwarded) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    const Host other = Host::make();
    ASSERT_TRUE(shell("ip link add lan type veth peer name eth0 && ip link set eth0 netns " +
                      other.path() +
                      " && ip addr add 198.51.100.1/24 dev lan && ip link set lan up"));
    ASSERT_TRUE(
        other.run("ip addr add 198.51.100.2/24 dev eth0 && ip link set eth0 up && "
                  "ip route add default via 198.51.100.1"));
    Server far(other, 80, kTcp), web(world.a, 80, kTcp);
    EXPECT_EQ(far.reached_from(world.outside, "198.51.100.2", 80), "192.0.2.2");
    world.state.make_file("networks/forwarding-was-off-ipv4");
    const Ports ports = {port("0.0.0.0", 8080, "10.66.0.2", 80)};
    ASSERT_TRUE(world.firewall->replace(std::vector{BridgeRules{"mca"}}, ports));
    EXPECT_EQ(far.reached_from(world.outside, "198.51.100.2", 80), kNothing);
    EXPECT_EQ(far.reached_from(world.a, "198.51.100.2", 80), "198.51.100.1");
    EXPECT_EQ(web.reached_from(world.outside, "192.0.2.1", 8080), "192.0.2.2");
  });
}

TEST(Traffic, NameServiceIsRedirectedAndAnswersFromWhereItWasAsked) {
  SKIP_WITHOUT_IP();
  in_a_world([](World& world) {
    Server udp(world.a, 4053, kUdp, "127.0.0.11"), tcp(world.a, 4054, kTcp, "127.0.0.11"),
        own(world.a, 53, kUdp);
    world.a.inside([] { ASSERT_TRUE(redirect_name_service(4053, 4054)); });
    EXPECT_EQ(udp.reached_from(world.a, "127.0.0.11", 53), "127.0.0.1");
    EXPECT_EQ(tcp.reached_from(world.a, "127.0.0.11", 53), "127.0.0.1");
    EXPECT_NE(udp.reached_from(world.a, "127.0.0.11", 53, "10.66.0.2"), kNothing);
    EXPECT_EQ(own.reached_from(world.a, "127.0.0.1", 53), "127.0.0.1");
    // Once more changes nothing.
    world.a.inside([] { ASSERT_TRUE(redirect_name_service(4053, 4054)); });
    EXPECT_EQ(udp.reached_from(world.a, "127.0.0.11", 53), "127.0.0.1");
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network

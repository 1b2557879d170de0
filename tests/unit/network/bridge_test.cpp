#include "runtime/network/bridge.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/network/networks_fixture.h"

namespace mycontainer::runtime::network {
namespace {

using test::shell;

TEST(Bridge, ComesUpOnceWithItsAddressesAndSettings) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24", "fd00:70::/64"});
    const auto up = bring_up(all.places, network, all.host);
    ASSERT_TRUE(up) << up.error().message();
    const auto again = bring_up(all.places, network, all.host);
    ASSERT_TRUE(again);
    EXPECT_EQ(up->index, again->index);
    EXPECT_EQ(up->mtu, 1500u);
    const std::string show = "ip addr show dev " + network.device;
    EXPECT_TRUE(shell(show + " | grep -q 'inet 10.70.0.1/24'"));
    EXPECT_TRUE(shell(show + " | grep -q 'inet6 fd00:70::1/64'"));
    const std::string conf = "grep -q 1 /proc/sys/net/ipv4/conf/" + network.device;
    EXPECT_TRUE(shell(conf + "/route_localnet"));
    EXPECT_TRUE(shell("grep -q 1 /proc/sys/net/ipv4/ip_forward"));
    EXPECT_TRUE(shell("grep -q 0 /proc/sys/net/ipv6/conf/" + network.device + "/accept_ra"));
    EXPECT_TRUE(is_marked_up(all.places, network));
  });
}

TEST(Bridge, OfAnInternalNetworkIsNoWayOut) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    ASSERT_TRUE(shell("echo 0 >/proc/sys/net/ipv4/ip_forward"));
    const Definition network = all.make("web", {"10.70.0.0/24"}, true);
    ASSERT_TRUE(bring_up(all.places, network, all.host));
    EXPECT_TRUE(shell("grep -q 0 /proc/sys/net/ipv4/ip_forward"));
    EXPECT_TRUE(shell("grep -q 0 /proc/sys/net/ipv4/conf/" + network.device + "/route_localnet"));
    EXPECT_TRUE(shell("grep -q 1 /proc/sys/net/ipv6/conf/" + network.device + "/disable_ipv6"));
  });
}

TEST(Bridge, NotesThatTheHostWasNoRouter) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    ASSERT_TRUE(shell("echo 0 >/proc/sys/net/ipv4/ip_forward"));
    ASSERT_TRUE(bring_up(all.places, all.make("web", {"10.70.0.0/24"}), all.host));
    EXPECT_EQ(::access(all.places.forwarding_was_off(Family::kIpv4).c_str(), F_OK), 0);
    EXPECT_TRUE(shell("grep -q 1 /proc/sys/net/ipv4/ip_forward"));
  });
}

// Else the first network with IPv6 would take the host's other networks (another engine's, virtual
// machines') their way.
TEST(Bridge, LeavesTheFamilyAloneThatTheHostForwardedBefore) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    ASSERT_TRUE(
        shell("echo 1 >/proc/sys/net/ipv4/ip_forward; "
              "echo 0 >/proc/sys/net/ipv6/conf/all/forwarding"));
    ASSERT_TRUE(bring_up(all.places, all.make("web", {"10.70.0.0/24", "fd70::/64"}), all.host));
    EXPECT_NE(::access(all.places.forwarding_was_off(Family::kIpv4).c_str(), F_OK), 0);
    EXPECT_EQ(::access(all.places.forwarding_was_off(Family::kIpv6).c_str(), F_OK), 0);
  });
}

TEST(Bridge, FollowsTheUplinksMtuUnlessTheNetworkNamesOne) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    ASSERT_TRUE(
        shell("ip link add up0 type veth peer name up1; ip link set up0 mtu 1420 up; "
              "ip link set up1 up; ip addr add 192.0.2.2/24 dev up0; "
              "ip route add default via 192.0.2.1"));
    const auto up = bring_up(all.places, all.make("web", {"10.70.0.0/24"}), all.host);
    ASSERT_TRUE(up) << up.error().message();
    EXPECT_EQ(up->mtu, 1420u);
    Definition other = all.make("other", {"10.71.0.0/24"});
    other.options["mtu"] = "1300";
    const auto second = bring_up(all.places, other, all.host);
    ASSERT_TRUE(second) << second.error().message();
    EXPECT_EQ(second->mtu, 1300u);
    EXPECT_TRUE(shell("ip link show " + other.device + " | grep -q 'mtu 1300'"));
  });
}

TEST(Bridge, IsRefusedWhereARouteOfTheHostTakesTheSubnetAndLeavesNothing) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24"});
    ASSERT_TRUE(
        shell("ip link add up0 type veth peer name up1; ip link set up0 up; "
              "ip addr add 10.70.0.9/25 dev up0"));
    const auto up = bring_up(all.places, network, all.host);
    ASSERT_FALSE(up);
    EXPECT_NE(up.error().operation.find("subnet 10.70.0.0/24 of network web is taken by the host's "
                                        "route 10.70.0."),
              std::string::npos)
        << up.error().operation;
    EXPECT_FALSE(shell("ip link show " + network.device + " 2>/dev/null"));
    EXPECT_NE(::access(all.places.live_of(network.id).c_str(), F_OK), 0);
  });
}

TEST(Bridge, OfAnotherKindUnderItsNameIsRefusedAndKept) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24"});
    ASSERT_TRUE(shell("ip link add " + network.device + " type veth peer name up1"));
    const auto up = bring_up(all.places, network, all.host);
    ASSERT_FALSE(up);
    EXPECT_EQ(up.error().operation, "the network device " + network.device +
                                        " of network web is there already, and no bridge");
    EXPECT_TRUE(shell("ip link show " + network.device + " >/dev/null"));
  });
}

TEST(Bridge, ThatWasThereBeforeKeepsWhatItHas) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    ASSERT_TRUE(
        shell("ip link add br0 type bridge; ip link set br0 up mtu 1400; "
              "ip addr add 192.0.2.1/24 dev br0; ip -6 addr add 2001:db8::1/64 dev br0 nodad"));
    Definition network;
    network.name = "office";
    network.options["com.docker.network.bridge.name"] = "br0";
    const Subnet subnet = *Subnet::parse("10.70.0.0/24");
    network.pools = {{.subnet = subnet, .gateway = subnet.base().plus(1)}};
    const auto stored = store(all.places, network);
    ASSERT_TRUE(stored) << stored.error().message();
    const auto up = bring_up(all.places, *stored, all.host);
    ASSERT_TRUE(up) << up.error().message();
    EXPECT_EQ(up->mtu, 1400u);
    ASSERT_TRUE(bring_up(all.places, *stored, all.host));
    EXPECT_TRUE(shell("ip addr show br0 | grep -q 10.70.0.1/24"));
    EXPECT_TRUE(shell("ip addr show br0 | grep -q 192.0.2.1/24"));
    EXPECT_TRUE(shell("ip addr show br0 | grep -q 2001:db8::1/64"));
    EXPECT_TRUE(shell("ip link show br0 | grep -q 'mtu 1400'"));
    ASSERT_TRUE(take_down(all.places, *stored));
    EXPECT_TRUE(shell("ip link show br0 >/dev/null"));
  });
}

TEST(Bridge, ThatSomebodyRemovedComesBackWithItsPorts) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("bridge", {"10.70.0.0/24"});
    const test::NetworkNamespace container;
    auto member = all.claim(1, {"bridge"});
    ASSERT_TRUE(member) << member.error().message();
    const auto entered = member->enter(container.pid());
    ASSERT_TRUE(entered) << entered.error().message();
    const std::string port = "ip link show master " + network.device + " | grep -q mcv0000000001";
    ASSERT_TRUE(shell("ip link del " + network.device));
    const auto up = bring_up(all.places, network, all.host);
    ASSERT_TRUE(up) << up.error().message();
    EXPECT_TRUE(shell(port));
    ASSERT_TRUE(shell("ip link del " + network.device));
    const auto reloaded = reload(all.places);
    ASSERT_TRUE(reloaded) << reloaded.error().message();
    EXPECT_TRUE(shell(port));
  });
}

TEST(Bridge, IsNotTakenDownUnderAContainerThatLives) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24"});
    auto member = all.claim(1, {"web"});
    ASSERT_TRUE(member) << member.error().message();
    const auto refused = take_down(all.places, network);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, EBUSY);
    EXPECT_EQ(refused.error().operation,
              "network web has active endpoints (container " + container_id(1).substr(0, 12) + ")");
    EXPECT_TRUE(is_marked_up(all.places, network));
    member->leave();
    const auto down = take_down(all.places, network);
    ASSERT_TRUE(down) << down.error().message();
    EXPECT_FALSE(shell("ip link show " + network.device + " 2>/dev/null"));
    EXPECT_NE(::access(all.places.live_of(network.id).c_str(), F_OK), 0);
    EXPECT_FALSE(read(all.places, "web"));
    const auto gone = all.claim(2, {"web"});
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().operation, "network web not found");
  });
}

// By another command that had waited for the first.
TEST(Bridge, TakenDownOnceMoreLeavesNothing) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24"});
    ASSERT_TRUE(take_down(all.places, network));
    const auto again = take_down(all.places, network);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ENOENT);
    EXPECT_NE(::access(all.places.live_of(network.id).c_str(), F_OK), 0);
  });
}

TEST(Bridge, IsNotBroughtUpAfterItsNetworkWasForgotten) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24"});
    ASSERT_TRUE(take_down(all.places, network));
    const auto up = bring_up(all.places, network, all.host);
    ASSERT_FALSE(up);
    EXPECT_EQ(up.error().code, ENOENT);
    EXPECT_FALSE(shell("ip link show " + network.device + " 2>/dev/null"));
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network

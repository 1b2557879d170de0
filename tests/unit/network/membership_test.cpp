#include "runtime/network/membership.h"

#include <gtest/gtest.h>

#include "runtime/network/addresses.h"
#include "runtime/network/endpoint.h"
#include "tests/unit/network/networks_fixture.h"

namespace mycontainer::runtime::network {
namespace {

using test::shell;

std::vector<std::string> claimed(const Networks& all, const Definition& network) {
  std::vector<std::string> addresses;
  const auto claims = claimed_addresses(all.places, network.id);
  if (!claims) return {claims.error().message()};
  for (const Claimed& claim : *claims) addresses.push_back(claim.address.to_text());
  return addresses;
}

TEST(Membership, WiresAContainerAndForgetsItAtItsEnd) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("bridge", {"10.70.0.0/24", "fd00:70::/64"});
    const test::NetworkNamespace container;
    auto member = all.claim(1, {"bridge"});
    ASSERT_TRUE(member) << member.error().message();
    EXPECT_EQ(claimed(all, network).size(), 2u);
    const auto entered = member->enter(container.pid());
    ASSERT_TRUE(entered) << entered.error().message();
    EXPECT_TRUE(container.sees("ip addr show eth0 | grep -q \"inet 10.70.0.2/24\""));
    EXPECT_TRUE(container.sees("ip link show eth0 | grep -q 02:42:0a:46:00:02"));
    EXPECT_TRUE(container.sees("ip route | grep -q \"default via 10.70.0.1\""));
    EXPECT_TRUE(container.sees("ip -6 route | grep -q \"default via fd00:70::1\""));
    EXPECT_TRUE(shell("ip link show master " + network.device + " | grep -q mcv0000000001"));
    const auto written = read_attachment(all.live_directory(1));
    ASSERT_TRUE(written && written->endpoints.size() == 1);
    EXPECT_EQ(written->endpoints[0].host_interface, "mcv00000000010");
    member->leave();
    EXPECT_TRUE(claimed(all, network).empty());
    const auto after = read_attachment(all.live_directory(1));
    EXPECT_TRUE(!after || after->endpoints.empty());
  });
}

TEST(Membership, WithoutIpv6AddressesSpeaksNoneOfIt) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    all.make("bridge", {"10.70.0.0/24"});
    const test::NetworkNamespace container;
    auto member = all.claim(1, {"bridge"});
    ASSERT_TRUE(member && member->enter(container.pid()));
    EXPECT_FALSE(container.sees("ip -6 addr show eth0 | grep -q inet6"));
  });
}

// The kernel does so when the device is set up; a port of a bridge may begin to forward later than that, so
// that not each one arrives.
TEST(Membership, HasNeighboursToldOfItsMacAddress) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    all.make("bridge", {"10.70.0.0/24"});
    const test::NetworkNamespace container;
    auto member = all.claim(1, {"bridge"});
    ASSERT_TRUE(member && member->enter(container.pid()));
    EXPECT_TRUE(shell("nsenter --net=/proc/" + std::to_string(container.pid()) +
                      "/ns/net grep -q 1 /proc/sys/net/ipv4/conf/eth0/arp_notify"));
  });
}

TEST(Membership, TakesAnotherNameWhereTheHostsEndIsTaken) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    all.make("bridge", {"10.70.0.0/24"});
    const test::NetworkNamespace container;
    ASSERT_TRUE(shell("ip link add mcv00000000010 type veth peer name other"));
    auto member = all.claim(1, {"bridge"});
    ASSERT_TRUE(member);
    const auto entered = member->enter(container.pid());
    ASSERT_TRUE(entered) << entered.error().message();
    EXPECT_EQ(member->attachment().endpoints[0].host_interface, "mcv000000000100");
    const auto written = read_attachment(all.live_directory(1));
    ASSERT_TRUE(written);
    EXPECT_EQ(written->endpoints[0].host_interface, "mcv000000000100");
    EXPECT_TRUE(shell("ip link show mcv000000000100 | grep -q 'master mc'"));
  });
}

TEST(Membership, ClaimsNothingWhenOneOfItsNetworksIsUnknown) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24"});
    const auto member = all.claim(1, {"web", "missing"});
    ASSERT_FALSE(member);
    EXPECT_EQ(member.error().operation, "network missing not found");
    EXPECT_TRUE(claimed(all, network).empty());
  });
}

TEST(Membership, OfAKilledContainerIsForgotten) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition network = all.make("web", {"10.70.0.0/24"});
    auto* member = new Result<Membership>(all.claim(1, {"web"}));  // nobody ends it: it was killed
    ASSERT_TRUE(*member);
    EXPECT_EQ(claimed(all, network).size(), 1u);
    forget_member(all.places, container_id(1), all.live_directory(1));
    EXPECT_TRUE(claimed(all, network).empty());
    forget_member(all.places, container_id(1), all.live_directory(1));
  });
}

TEST(Membership, TakesItsDevicesAlongWhenItsNamespaceIsShared) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    all.make("bridge", {"10.70.0.0/24"});
    const test::NetworkNamespace shared;
    auto member = all.claim(1, {"bridge"});
    ASSERT_TRUE(member && member->enter(shared.pid()));
    ASSERT_TRUE(note_shared(all.live_directory(1)));
    member->leave();
    EXPECT_FALSE(shared.sees("ip link show eth0 2>/dev/null"));
    EXPECT_FALSE(shell("ip link show mcv00000000010 2>/dev/null"));
  });
}

TEST(Membership, ChangesWhileTheContainerRuns) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition first = all.make("bridge", {"10.70.0.0/24"});
    const Definition second = all.make("web", {"10.71.0.0/24"});
    const test::NetworkNamespace container;
    auto member = all.claim(1, {"bridge"});
    ASSERT_TRUE(member && member->enter(container.pid()));
    const std::string id = container_id(1), live = all.live_directory(1);
    // The container's end, which its name service follows.
    int running[2];
    ASSERT_EQ(::pipe2(running, O_CLOEXEC), 0);
    const auto connect_with = [&](const EndpointSettings& endpoint) {
      return connect({all.places, id, live, container.pid(), {"one"}, endpoint, {}, running[0]});
    };
    const auto connected = connect_with({.network = "web", .gateway_priority = 7});
    ASSERT_TRUE(connected) << connected.error().message();
    EXPECT_TRUE(container.sees("ip addr show eth1 | grep -q \"inet 10.71.0.2/24\""));
    EXPECT_TRUE(container.sees("ip route | grep -q \"default via 10.71.0.1 dev eth1\""));
    EXPECT_FALSE(connect_with({.network = "web"}));
    const auto left = disconnect(all.places, id, live, container.pid(), first.id);
    ASSERT_TRUE(left) << left.error().message();
    EXPECT_FALSE(container.sees("ip link show eth0 2>/dev/null"));
    EXPECT_TRUE(claimed(all, first).empty());
    EXPECT_FALSE(disconnect(all.places, id, live, container.pid(), first.id));
    const auto again = connect_with({.network = "bridge"});
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_TRUE(container.sees("ip link show eth0 >/dev/null"));
    EXPECT_TRUE(container.sees("ip route | grep -q \"default via 10.71.0.1 dev eth1\""));
    member->leave();
    EXPECT_TRUE(claimed(all, first).empty());
    EXPECT_TRUE(claimed(all, second).empty());
  });
}

PortMapping to_port_80(std::uint16_t host_port) {
  return {.host_address = {}, .host_port = host_port, .container_port = 80};
}

std::string target_of(const Networks& all, int container) {
  const auto attachment =
      read_attachment(all.root / ("state/containers/" + container_id(container)));
  if (!attachment || attachment->ports.size() != 1) return "none";
  return attachment->ports[0].target.to_text();
}

// Whether the rules lead the port there: another container cannot have it then.
bool leads_to(Networks& all, std::uint16_t host_port, const char* target) {
  const PublishedPort port{Address(), host_port, 80, Protocol::kTcp, *Address::parse(target)};
  PublishedPort other = port;
  other.target = *Address::parse("192.0.2.1");
  return all.host.publish({port}) && !all.host.publish({other});
}

TEST(Membership, TakesAPortWhoseRuleNobodyKnowsOf) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    all.make("bridge", {"10.70.0.0/24"});
    const test::NetworkNamespace container;
    auto first = all.claim(1, {"bridge"}, {to_port_80(8080)});
    ASSERT_TRUE(first) << first.error().message();
    ASSERT_TRUE(
        all.host.publish({{Address(), 8080, 80, Protocol::kTcp, *Address::parse("10.70.0.99")}}));
    const auto entered = first->enter(container.pid());
    ASSERT_TRUE(entered) << entered.error().message();
    EXPECT_TRUE(leads_to(all, 8080, "10.70.0.2"));
  });
}

TEST(Membership, PublishesWhereTheAnswersLeave) {
  SKIP_WITHOUT_IP();
  with_networks([](Networks& all) {
    const Definition first = all.make("bridge", {"10.70.0.0/24"});
    const Definition second = all.make("web", {"10.71.0.0/24"});
    const test::NetworkNamespace container;
    auto member = all.claim(1, {"bridge"}, {to_port_80(8080)});
    ASSERT_TRUE(member && member->enter(container.pid()));
    EXPECT_EQ(target_of(all, 1), "10.70.0.2");
    const std::string id = container_id(1), live = all.live_directory(1);
    int running[2];
    ASSERT_EQ(::pipe2(running, O_CLOEXEC), 0);
    const auto connected = connect({all.places,
                                    id,
                                    live,
                                    container.pid(),
                                    {"one"},
                                    {.network = "web", .gateway_priority = 7},
                                    {},
                                    running[0]});
    ASSERT_TRUE(connected) << connected.error().message();
    EXPECT_EQ(target_of(all, 1), "10.71.0.2");
    EXPECT_TRUE(leads_to(all, 8080, "10.71.0.2"));
    ASSERT_TRUE(disconnect(all.places, id, live, container.pid(), second.id));
    EXPECT_EQ(target_of(all, 1), "10.70.0.2");
    EXPECT_TRUE(leads_to(all, 8080, "10.70.0.2"));
    EXPECT_TRUE(container.sees("ip route | grep -q \"default via 10.70.0.1 dev eth0\""));
    ASSERT_TRUE(disconnect(all.places, id, live, container.pid(), first.id));
    EXPECT_EQ(target_of(all, 1), "none");
    EXPECT_TRUE(leads_to(all, 8080, "10.70.0.200"));
  });
}

Endpoint endpoint(const char* gateway, bool internal = false, int priority = 0) {
  Endpoint made;
  const auto address = Address::parse(gateway);
  made.addresses.push_back({address->plus(1), 24, address});
  made.internal = internal;
  made.gateway_priority = priority;
  return made;
}

TEST(DefaultRoute, GoesThroughTheFirstThatLeadsOut) {
  const std::vector endpoints = {endpoint("10.1.0.1", true), endpoint("10.2.0.1"),
                                 endpoint("10.3.0.1")};
  EXPECT_TRUE(gateways_through(endpoints, 0).empty());
  EXPECT_EQ(gateways_through(endpoints, 1), std::vector{*Address::parse("10.2.0.1")});
  EXPECT_TRUE(gateways_through(endpoints, 2).empty());
}

TEST(DefaultRoute, GoesThroughTheHighestPriorityOfEachFamily) {
  const std::vector endpoints = {endpoint("10.1.0.1"), endpoint("10.2.0.1", false, 5),
                                 endpoint("fd00::1", false, -1)};
  EXPECT_TRUE(gateways_through(endpoints, 0).empty());
  EXPECT_EQ(gateways_through(endpoints, 1), std::vector{*Address::parse("10.2.0.1")});
  EXPECT_EQ(gateways_through(endpoints, 2), std::vector{*Address::parse("fd00::1")});
}

}  // namespace
}  // namespace mycontainer::runtime::network

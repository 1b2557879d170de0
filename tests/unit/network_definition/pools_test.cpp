#include "runtime/network/definition/pools.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::network {
namespace {

std::vector<Subnet> subnets(std::initializer_list<const char*> texts) {
  std::vector<Subnet> all;
  for (const char* text : texts) all.push_back(*Subnet::parse(text));
  return all;
}

Definition with_subnet(const char* name, const char* subnet) {
  return {.name = name, .pools = {{.subnet = *Subnet::parse(subnet)}}};
}

// The first subnet that is chosen for a network of this name.
std::string chosen(const std::string& name, const std::vector<Subnet>& routes,
                   const std::vector<Definition>& others = {}) {
  Definition network{.name = name};
  const auto done = choose_pools(network, others, routes);
  return done ? network.pools.front().subnet.to_text() : done.error().message();
}

std::string refusal(const PoolWords& words, const std::vector<Definition>& others = {},
                    const std::vector<Subnet>& routes = {}, Definition network = {}) {
  auto pools = pools_of(words);
  if (!pools) return pools.error().message();
  network.pools = *pools;
  const auto done = choose_pools(network, others, routes);
  return done ? "" : done.error().message();
}

TEST(ChoosePools, AvoidsTheRoutesOfTheHostAndOtherNetworks) {
  EXPECT_EQ(chosen("bridge", {}), "10.66.0.0/16");
  EXPECT_EQ(chosen("bridge", subnets({"10.66.3.0/24", "10.67.0.0/16"})), "10.68.0.0/16");
  EXPECT_EQ(chosen("bridge", subnets({"10.0.0.0/8"})), "172.16.0.0/16");
  EXPECT_EQ(chosen("net", {}), "10.67.0.0/24");
  EXPECT_EQ(chosen("net", {}, {with_subnet("a", "10.67.0.0/24"), with_subnet("b", "10.67.1.0/28")}),
            "10.67.2.0/24");
  EXPECT_EQ(chosen("net", subnets({"10.64.0.0/10"})), "10.128.0.0/24");
  EXPECT_EQ(chosen("net", subnets({"10.0.0.0/8", "172.16.0.0/12"})), "192.168.0.0/24");
  EXPECT_EQ(
      chosen("net", subnets({"10.64.0.0/10", "10.128.0.0/9", "172.16.0.0/12", "192.168.0.0/16"})),
      "10.0.0.0/24");
}

TEST(ChoosePools, PassesDefaultRoutesAndTheirHalves) {
  EXPECT_EQ(chosen("net", subnets({"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0"})),
            "10.67.0.0/24");
}

TEST(ChoosePools, SaysWhenNothingIsLeft) {
  const auto all = subnets({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"});
  EXPECT_TRUE(chosen("net", all).starts_with("no IPv4 subnet is left")) << chosen("net", all);
}

TEST(ChoosePools, FindsManyNetworksTheirPlaces) {
  std::vector<Definition> others;
  for (int i = 0; i < 1000; ++i) {
    Definition network{.name = fmt::format("n{}", i)};
    ASSERT_TRUE(choose_pools(network, others, {}));
    for (const Definition& other : others) {
      ASSERT_FALSE(other.pools.front().subnet.overlaps(network.pools.front().subnet));
    }
    others.push_back(network);
  }
}

TEST(ChoosePools, GivesTheFirstAddressToTheGateway) {
  Definition network{.name = "net", .ipv6 = true};
  ASSERT_TRUE(choose_pools(network, {}, {}));
  ASSERT_EQ(network.pools.size(), 2U);
  EXPECT_EQ(network.pools[0].gateway, Address::parse("10.67.0.1"));
  EXPECT_EQ(network.pools[1].gateway, network.pools[1].subnet.base().plus(1));
  EXPECT_EQ(network.pools[1].subnet.length(), 64);
  EXPECT_EQ(network.pools[1].subnet.to_text().substr(0, 2), "fd");
  EXPECT_NE(network.id, "");
}

TEST(ChoosePools, GivesTwoNetworksDifferentSubnetsOfIpv6) {
  Definition one{.id = std::string(62, 'a') + "bc", .name = "a", .ipv4 = false, .ipv6 = true};
  Definition two = one;
  ASSERT_TRUE(choose_pools(one, {}, {}));
  EXPECT_EQ(one.pools.size(), 1U);
  two.id = "12" + std::string(62, 'a');
  ASSERT_TRUE(choose_pools(two, {one}, {}));
  EXPECT_FALSE(one.pools[0].subnet.overlaps(two.pools[0].subnet));
}

TEST(ChoosePools, LayerThreeModesHaveNoGateway) {
  Definition network{.name = "net", .driver = "ipvlan", .options = {{"ipvlan_mode", "l3"}}};
  ASSERT_TRUE(choose_pools(network, {}, {}));
  EXPECT_FALSE(network.pools.front().gateway);
}

TEST(PoolsOf, TakesTheTypedAddressAsTheGateway) {
  const auto typed = pools_of({.subnets = {"192.168.10.7/24"}});
  ASSERT_TRUE(typed);
  EXPECT_EQ(typed->front().subnet.to_text(), "192.168.10.0/24");
  EXPECT_EQ(typed->front().gateway, Address::parse("192.168.10.7"));
  const auto both = pools_of({.subnets = {"192.168.10.7/24"}, .gateways = {"192.168.10.9"}});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->front().gateway, Address::parse("192.168.10.9"));
}

TEST(PoolsOf, PutsEachWordIntoItsSubnet) {
  const auto pools = pools_of({.subnets = {"10.1.0.0/16", "fd00:1::/64"},
                               .gateways = {"fd00:1::9", "10.1.0.9"},
                               .ranges = {"10.1.5.0/24"},
                               .reserved = {{"a", "10.1.5.5"}}});
  ASSERT_TRUE(pools) << pools.error().message();
  EXPECT_EQ((*pools)[0].gateway, Address::parse("10.1.0.9"));
  EXPECT_EQ((*pools)[0].range, Subnet::parse("10.1.5.0/24"));
  EXPECT_EQ((*pools)[0].reserved.at("a"), Address::parse("10.1.5.5"));
  EXPECT_EQ((*pools)[1].gateway, Address::parse("fd00:1::9"));
}

TEST(PoolsOf, RefusesWhatBelongsToNoSubnet) {
  EXPECT_EQ(refusal({.gateways = {"10.1.0.1"}}),
            "every ip-range or gateway must have a corresponding subnet");
  EXPECT_EQ(refusal({.subnets = {"10.1.0.0/24"}, .gateways = {"10.2.0.1"}}),
            "no matching subnet for gateway 10.2.0.1");
  EXPECT_EQ(refusal({.subnets = {"10.1.0.0/24"}, .ranges = {"10.2.0.0/25"}}),
            "no matching subnet for range 10.2.0.0/25");
  EXPECT_EQ(refusal({.subnets = {"10.1.0.0/24"}, .ranges = {"10.1.0.0/16"}}),
            "no matching subnet for range 10.1.0.0/16");
  EXPECT_EQ(refusal({.subnets = {"10.1.0.0/24"}, .reserved = {{"a", "10.2.0.1"}}}),
            "no matching subnet for aux-address 10.2.0.1");
  EXPECT_EQ(refusal({.subnets = {"10.1.0.0/24"}, .gateways = {"10.1.0.1", "10.1.0.2"}}),
            "cannot configure multiple gateways (10.1.0.2, 10.1.0.1) for the same subnet "
            "(10.1.0.0/24)");
  EXPECT_EQ(refusal({.subnets = {"10.1.0.0/24", "10.1.0.128/25"}}),
            "the subnets 10.1.0.0/24 and 10.1.0.128/25 overlap");
}

TEST(PoolsOf, RefusesWhatIsNoSubnet) {
  for (const char* word : {"10.0.0.1", "10.0.0.0/33", "10.0.0.0/", "x/24", "fd00::/129", "",
                           "10.0.0.0/24 ", "10.0.0/24"}) {
    EXPECT_FALSE(pools_of({.subnets = {word}})) << word;
  }
  EXPECT_FALSE(pools_of({.subnets = {"10.0.0.0/24"}, .gateways = {"10.0.0.1/24"}}));
  EXPECT_FALSE(pools_of({.subnets = {"10.0.0.0/24"}, .gateways = {"10.0.0.256"}}));
}

TEST(ChoosePools, RefusesWhatContainersCannotUse) {
  for (const char* subnet : {"127.0.0.0/8", "127.5.0.0/16", "0.0.0.0/0", "224.0.0.0/8",
                             "255.255.255.0/24", "10.0.0.0/31", "10.0.0.0/32"}) {
    EXPECT_NE(refusal({.subnets = {subnet}}), "") << subnet;
  }
  for (const char* subnet : {"::1/128", "fe80::/64", "ff00::/8", "::/0", "fd00::/127"}) {
    EXPECT_NE(refusal({.subnets = {subnet}}, {}, {}, {.ipv6 = true}), "") << subnet;
  }
  EXPECT_EQ(refusal({.subnets = {"10.0.0.0/30"}}), "");
  EXPECT_EQ(refusal({.subnets = {"fd00::/126"}}, {}, {}, {.ipv6 = true}), "");
  EXPECT_EQ(refusal({.subnets = {"10.0.0.0/31"}}),
            "the subnet 10.0.0.0/31 is too small: a gateway and a container need at least a /30");
}

TEST(ChoosePools, RefusesGatewaysThatCannotBe) {
  EXPECT_NE(refusal({.subnets = {"10.1.0.255/24"}}), "");
  EXPECT_NE(refusal({.subnets = {"10.1.0.0/24"}, .gateways = {"10.1.0.0"}}), "");
  EXPECT_NE(
      refusal(
          {.subnets = {"10.1.0.0/24"}, .gateways = {"10.1.0.4"}, .reserved = {{"a", "10.1.0.4"}}}),
      "");
}

TEST(ChoosePools, RefusesFamiliesThatAreOff) {
  EXPECT_EQ(refusal({.subnets = {"fd00:1::/64"}}),
            "the subnet fd00:1::/64 is one of IPv6, which is not enabled (--ipv6)");
  EXPECT_NE(refusal({.subnets = {"10.1.0.0/24"}}, {}, {}, {.ipv4 = false, .ipv6 = true}), "");
  EXPECT_NE(refusal({}, {}, {}, {.ipv4 = false}), "");
}

TEST(ChoosePools, RefusesTheSubnetsOfOthers) {
  EXPECT_EQ(refusal({.subnets = {"10.1.0.0/16"}}, {with_subnet("web", "10.1.2.0/24")}),
            "the subnet 10.1.0.0/16 overlaps 10.1.2.0/24 of the network web");
}

TEST(ChoosePools, RefusesWhatTheHostHasARouteInto) {
  const PoolWords asked{.subnets = {"10.1.2.0/24"}};
  EXPECT_EQ(refusal(asked, {}, subnets({"10.1.2.0/24"})),
            "the subnet 10.1.2.0/24 is in use: this host has a route to 10.1.2.0/24");
  EXPECT_NE(refusal(asked, {}, subnets({"10.1.2.64/26"})), "");
  EXPECT_NE(refusal(asked, {}, subnets({"10.1.2.3/32"})), "");
  EXPECT_EQ(refusal(asked, {}, subnets({"10.0.0.0/8", "0.0.0.0/0"})), "");
  Definition neighbours{.driver = "macvlan"};
  EXPECT_EQ(refusal(asked, {}, subnets({"10.1.2.0/24"}), neighbours), "");
}

}  // namespace
}  // namespace mycontainer::runtime::network

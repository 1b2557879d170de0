#include "runtime/network/definition/definition.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::network {
namespace {

Definition a_network() {
  Pool pool{.subnet = *Subnet::parse("10.1.2.0/24"),
            .gateway = Address::parse("10.1.2.254"),
            .range = Subnet::parse("10.1.2.128/25"),
            .reserved = {{"printer", *Address::parse("10.1.2.130")}}};
  return {.id = std::string(64, 'a'),
          .name = "web",
          .created = 1234567890123456789,
          .pools = {pool, {.subnet = *Subnet::parse("fd00:1::/64")}},
          .internal = true,
          .ipv6 = true,
          .labels = {{"a", "b"}},
          .options = {{"mtu", "1400"}},
          .device = "mcaaaaaaaaaaaa"};
}

TEST(Definition, SurvivesItsFile) {
  const Definition written = a_network();
  const auto read = from_json(to_json(written));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(to_json(*read), to_json(written));
  EXPECT_EQ(read->pools.front().gateway, written.pools.front().gateway);
  EXPECT_EQ(read->pools.front().range, written.pools.front().range);
  EXPECT_EQ(read->pools.front().reserved, written.pools.front().reserved);
  EXPECT_FALSE(read->pools.back().gateway);
  EXPECT_EQ(read->mtu(), 1400U);
}

TEST(Definition, TextsThatAreNoneAreErrors) {
  const std::string whole = to_json(a_network());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(from_json(whole.substr(0, length))) << length;
  }
  for (const char* text : {"{}", "[]", "null", "7", R"({"id":"x","name":"web"})"}) {
    EXPECT_FALSE(from_json(text)) << text;
  }
}

TEST(Definition, NamesAreDockers) {
  for (const char* name : {"a", "web", "my_net-1.2", "0"}) {
    EXPECT_TRUE(check_network_name(name)) << name;
  }
  for (const char* name : {"", "-a", ".a", "a b", "a/b", "..", "a:b", "container:x", "\xc3\xa4"}) {
    EXPECT_FALSE(check_network_name(name)) << name;
  }
  EXPECT_FALSE(check_network_name(std::string(256, 'a')));
  for (const char* name : {"none", "host", "bridge", "default", "pasta", "slirp4netns"}) {
    const auto checked = check_network_name(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().message(),
              fmt::format("operation is not permitted on predefined {} network", name));
  }
}

Result<void> checked(const std::string& driver, std::map<std::string, std::string> options,
                     bool ipv6 = false) {
  Definition network;
  network.driver = driver;
  network.options = std::move(options);
  network.ipv6 = ipv6;
  return check_options(network);
}

TEST(Options, OfEachDriverAreItsOwn) {
  EXPECT_TRUE(checked("bridge", {{"mtu", "9000"}, {"isolate", "false"}}));
  EXPECT_TRUE(checked("bridge", {{"com.docker.network.driver.mtu", "1500"}}));
  EXPECT_TRUE(checked("macvlan", {{"parent", "eth0"}, {"macvlan_mode", "vepa"}}));
  EXPECT_TRUE(checked("ipvlan", {{"parent", "eth0"}, {"ipvlan_mode", "l3s"}}));
  EXPECT_TRUE(checked("ipvlan", {{"mode", "l3"}}));
  EXPECT_FALSE(checked("bridge", {{"parent", "eth0"}}));
  EXPECT_FALSE(checked("macvlan", {{"isolate", "true"}}));
  EXPECT_FALSE(checked("ipvlan", {{"macvlan_mode", "bridge"}}));
  EXPECT_EQ(checked("bridge", {{"mtuu", "1"}}).error().message(),
            "unknown option \"mtuu\" of driver bridge: there are com.docker.network.bridge.name, "
            "com.docker.network.driver.mtu, isolate, mtu");
}

TEST(Options, HaveValuesThatMeanSomething) {
  for (const char* mtu : {"67", "-1", "65536", "x", "1500 ", "99999999999999999999"}) {
    EXPECT_FALSE(checked("bridge", {{"mtu", mtu}})) << mtu;
  }
  EXPECT_FALSE(checked("bridge", {{"mtu", "1279"}}, true));
  EXPECT_TRUE(checked("bridge", {{"mtu", "1280"}}, true));
  EXPECT_FALSE(checked("bridge", {{"isolate", "maybe"}}));
  EXPECT_FALSE(checked("macvlan", {{"macvlan_mode", "l2"}}));
  EXPECT_FALSE(checked("ipvlan", {{"ipvlan_mode", "bridge"}}));
  EXPECT_FALSE(checked("macvlan", {{"parent", "../eth0"}}));
  EXPECT_FALSE(checked("macvlan", {{"parent", "a-name-that-is-too-long"}}));
}

TEST(Options, ABridgeMayBeNamedSoThatWeKnowItAsOurs) {
  const auto named = [](const char* name) {
    return checked("bridge", {{"com.docker.network.bridge.name", name}});
  };
  EXPECT_TRUE(named("mcweb"));
  for (const char* name : {"br0", "mc", "mcv0", "mc a", "mcnameofsixteenc"}) {
    EXPECT_FALSE(named(name)) << name;
  }
}

TEST(Options, HaveDefaults) {
  Definition network;
  EXPECT_FALSE(network.mtu());
  EXPECT_TRUE(network.isolated());
  EXPECT_EQ(network.wanted_device(), "");
  network.options = {{"mtu", "0"}, {"isolate", "0"}};
  EXPECT_FALSE(network.mtu());
  EXPECT_FALSE(network.isolated());
  network.driver = "macvlan";
  EXPECT_EQ(network.mode(), "bridge");
  network.driver = "ipvlan";
  EXPECT_EQ(network.mode(), "l2");
  network.options = {{"parent", "eth7"}};
  EXPECT_EQ(network.wanted_device(), "eth7");
}

}  // namespace
}  // namespace mycontainer::runtime::network

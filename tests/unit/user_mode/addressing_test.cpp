#include "runtime/network/user_mode/addressing.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::network {
namespace {

Route route(const char* destination, const char* device = "eth0") {
  return {*Subnet::parse(destination), 2, device};
}

TEST(Addressing, ContainerGatewayAndNameServerAreOfOneSubnet) {
  const Addressing addressing = choose_addressing({route("0.0.0.0/0")});
  EXPECT_EQ(addressing.subnet.to_text(), "10.65.0.0/24");
  EXPECT_EQ(addressing.address().to_text(), "10.65.0.100");
  EXPECT_EQ(addressing.gateway().to_text(), "10.65.0.2");
  EXPECT_EQ(addressing.name_server().to_text(), "10.65.0.3");
}

TEST(Addressing, ASubnetOfTheHostIsAvoided) {
  EXPECT_EQ(choose_addressing({route("10.65.0.0/23")}).subnet.to_text(), "10.65.2.0/24");
  EXPECT_EQ(choose_addressing({route("10.0.0.0/8")}).subnet.to_text(), "172.29.0.0/24");
  EXPECT_EQ(choose_addressing({route("10.0.0.0/8"), route("172.16.0.0/12")}).subnet.to_text(),
            "192.168.0.0/24");
}

TEST(Addressing, WhereAllIsTakenThereIsStillASubnet) {
  const Addressing addressing =
      choose_addressing({route("10.0.0.0/8"), route("172.16.0.0/12"), route("192.168.0.0/16")});
  EXPECT_EQ(addressing.subnet.to_text(), "10.65.0.0/24");
}

TEST(Addressing, TheTwoHalvesOfTheInternetAreDefaultRoutes) {
  const Addressing addressing =
      choose_addressing({route("0.0.0.0/1", "tun0"), route("128.0.0.0/1", "tun0")});
  EXPECT_EQ(addressing.subnet.to_text(), "10.65.0.0/24");
}

TEST(Addressing, Ipv6IsThereWhenTheHostHasAWayOut) {
  EXPECT_FALSE(choose_addressing({route("0.0.0.0/0"), route("fe80::/64")}).subnet6);
  const Addressing addressing = choose_addressing({route("0.0.0.0/0"), route("::/0", "wlan0")});
  ASSERT_TRUE(addressing.subnet6);
  EXPECT_EQ(addressing.address6().to_text(), "fd6d:7963:6f6e::64");
  EXPECT_EQ(addressing.uplink, "wlan0");
}

TEST(Addressing, TheKernelsRefusalOnTheLoopbackInterfaceIsNoWayOut) {
  const Addressing addressing = choose_addressing({route("0.0.0.0/0"), route("::/0", "lo")});
  EXPECT_FALSE(addressing.subnet6);
  EXPECT_EQ(addressing.uplink, "");
}

TEST(Addressing, OfflineTheLoopbackInterfaceStandsForTheUplink) {
  EXPECT_EQ(choose_addressing({}).uplink, "lo");
  EXPECT_EQ(choose_addressing({route("192.0.2.0/24")}).uplink, "lo");
}

}  // namespace
}  // namespace mycontainer::runtime::network

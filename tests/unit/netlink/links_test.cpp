#include "runtime/network/netlink/links.h"

#include <gtest/gtest.h>
#include <net/if.h>

#include <algorithm>

#include "tests/support/in_network.h"

namespace mycontainer::runtime::network {
namespace {

using test::shell;
using Container = test::NetworkNamespace;

const Mac kMac = *parse_mac("02:42:0a:00:00:01");

Links open_links() {
  auto links = Links::open();
  EXPECT_TRUE(links) << links.error().message();
  return std::move(*links);
}

Subnet subnet(const char* text) { return *Subnet::parse(text); }
Address address(const char* text) { return *Address::parse(text); }

// A bridge with addresses, and a container's device in it.
struct Wired {
  Links links = open_links();
  Container container;
  int bridge = 0;

  Wired() {
    const auto made = links.add_bridge("mcb", kMac);
    EXPECT_TRUE(made) << made.error().message();
    bridge = made.value_or(0);
    EXPECT_TRUE(links.add_address(bridge, subnet("192.0.2.1/24")));
    EXPECT_TRUE(links.add_address(bridge, subnet("2001:db8::1/64")));
    EXPECT_TRUE(links.set_up(bridge, 1400));
    const auto wired = links.add_veth({.name = "mcv0",
                                       .bridge = bridge,
                                       .inside = "eth0",
                                       .pid = container.pid(),
                                       .mtu = 1400,
                                       .mac = *parse_mac("02:42:c0:00:02:02")});
    EXPECT_TRUE(wired) << wired.error().message();
  }

  Result<void> set_up_inside(const InsideRequest& request) const {
    TRY(Links inside, Links::open_in(container.pid()));
    return inside.set_up_inside(request);
  }
};

TEST(Links, WiresAContainerToABridgeInBothFamilies) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    const Wired wired;
    const auto done = wired.set_up_inside({"eth0",
                                           {subnet("192.0.2.2/24"), subnet("2001:db8::2/64")},
                                           {address("192.0.2.1"), address("2001:db8::1")}});
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_TRUE(
        shell("ip link show mcb | grep -q 'mtu 1400.*' && "
              "ip link show mcb | grep -q 02:42:0a:00:00:01"));
    EXPECT_TRUE(shell("ip link show master mcb | grep -q 'mcv0.*mtu 1400'"));
    EXPECT_TRUE(wired.container.sees("ip link show eth0 | grep -q 02:42:c0:00:02:02"));
    EXPECT_TRUE(wired.container.sees("ip route | grep -q \"default via 192.0.2.1 dev eth0\""));
    EXPECT_TRUE(wired.container.sees("ip -6 route | grep -q \"default via 2001:db8::1 dev eth0\""));
    EXPECT_TRUE(
        wired.container.sees("ip addr show eth0 | grep -q \"192.0.2.2/24 brd 192.0.2.255\""));
    EXPECT_FALSE(wired.container.sees("ip -6 addr show eth0 | grep 2001:db8 | grep -q tentative"));
  });
}

TEST(Links, KeepsTheMtuOfABridgeThatHasLostItsPorts) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    Wired wired;
    ASSERT_TRUE(wired.links.remove("mcv0"));
    const auto link = wired.links.find("mcb");
    ASSERT_TRUE(link && *link);
    EXPECT_EQ((*link)->mtu, 1400u);
    EXPECT_EQ((*link)->kind, "bridge");
    EXPECT_TRUE((*link)->up);
  });
}

TEST(Links, ReplacesAndRemovesDefaultRoutesOfAFamily) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    const Wired wired;
    ASSERT_TRUE(wired.set_up_inside({"eth0",
                                     {subnet("192.0.2.2/24"), subnet("2001:db8::2/64")},
                                     {address("192.0.2.1"), address("2001:db8::1")}}));
    auto inside = Links::open_in(wired.container.pid());
    ASSERT_TRUE(inside);
    ASSERT_TRUE(inside->set_default_routes("eth0", {address("192.0.2.9")}));
    EXPECT_TRUE(
        wired.container.sees("test \"$(ip route | grep default)\" = "
                             "\"default via 192.0.2.9 dev eth0 proto boot \" || "
                             "ip route | grep -q \"default via 192.0.2.9 dev eth0\""));
    EXPECT_TRUE(wired.container.sees("test $(ip route | grep -c default) = 1"));
    EXPECT_TRUE(wired.container.sees("ip -6 route | grep -q default"));
    ASSERT_TRUE(inside->remove_default_routes(Family::kIpv6));
    EXPECT_FALSE(wired.container.sees("ip -6 route | grep -q default"));
    ASSERT_TRUE(inside->set_default_routes("eth0", {Address()}));
    EXPECT_TRUE(wired.container.sees("ip route | grep -q \"default dev eth0\""));
  });
}

TEST(Links, SaysWhichNameIsTakenAndWhatIsMissing) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    Wired wired;
    const auto again = wired.links.add_bridge("mcb", kMac);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, EEXIST);
    EXPECT_EQ(again.error().operation, "make the bridge mcb");
    const auto missing = wired.links.find("missing");
    ASSERT_TRUE(missing);
    EXPECT_FALSE(*missing);
    EXPECT_TRUE(wired.links.remove("missing"));
    EXPECT_TRUE(wired.links.add_address(wired.bridge, subnet("192.0.2.1/24")));
    const auto inside = wired.set_up_inside({"eth7", {}, {}});
    ASSERT_FALSE(inside);
    EXPECT_EQ(inside.error().code, ENODEV);
  });
}

TEST(Links, LeavesTheThreadWhereItWas) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    const Wired wired;
    bool visited = false;
    ASSERT_TRUE(Links::open_in(wired.container.pid(), [&]() -> Result<void> {
      visited = ::if_nametoindex("eth0") != 0 && ::if_nametoindex("mcb") == 0;
      return {};
    }));
    EXPECT_TRUE(visited);
    EXPECT_NE(::if_nametoindex("mcb"), 0u);
    const auto failed =
        Links::open_in(wired.container.pid(), []() -> Result<void> { return fail("no"); });
    EXPECT_FALSE(failed);
    EXPECT_NE(::if_nametoindex("mcb"), 0u);
  });
}

// A container's process may have ended, and its number be another's: never the host's own network.
TEST(Links, DoesNotTakeItsOwnNamespaceForAContainers) {
  const auto own = Links::open_in(::getpid());
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().code, ESRCH);
}

TEST(Links, FindsRoutesAndTheUplinkWithTheLowestMetric) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    Links links = open_links();
    const auto none = links.uplink();
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    ASSERT_TRUE(
        shell("ip link add up0 type veth peer name up1; "
              "ip link set up0 up; ip link set up1 up mtu 1380; ip addr add 192.0.2.7/24 dev up0;"
              "ip route add default dev up0 metric 50; ip route add default dev up1 metric 20;"
              "ip route add 10.9.0.0/16 dev up1; ip route add blackhole 10.8.0.0/16"));
    const auto uplink = links.uplink();
    ASSERT_TRUE(uplink && *uplink);
    EXPECT_EQ((*uplink)->name, "up1");
    EXPECT_EQ((*uplink)->mtu, 1380u);
    const auto routes = links.routes();
    ASSERT_TRUE(routes);
    const auto has = [&](const char* destination, const std::string& device) {
      return std::ranges::any_of(*routes, [&](const Route& route) {
        return route.destination == subnet(destination) && route.device == device;
      });
    };
    EXPECT_TRUE(has("10.9.0.0/16", "up1"));
    EXPECT_TRUE(has("10.8.0.0/16", ""));
    EXPECT_TRUE(has("192.0.2.7/32", "up0"));
    EXPECT_FALSE(has("192.0.2.255/32", "up0"));
  });
}

TEST(Links, MakesADummyWhereTheKernelHasThem) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    const auto made = open_links().add_dummy("dum0");
    if (made) {
      EXPECT_NE(::if_nametoindex("dum0"), 0u);
    } else {
      EXPECT_EQ(made.error().code, EOPNOTSUPP);
    }
  });
}

TEST(Links, MakesDevicesOnAParent) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    Links links = open_links();
    const Container container;
    ASSERT_TRUE(shell("ip link add par0 type veth peer name par1"));
    const auto parent = links.find("par0");
    ASSERT_TRUE(parent && *parent);
    for (const char* kind : {"macvlan", "ipvlan"}) {
      const auto made = links.add_subdevice({.kind = kind,
                                             .mode = "",
                                             .parent = (*parent)->index,
                                             .inside = kind,
                                             .pid = container.pid(),
                                             .mtu = 0,
                                             .mac = {}});
      if (!made && made.error().code == EOPNOTSUPP) {
        EXPECT_EQ(made.error().hint, std::string("the kernel has no ") + kind);
        continue;
      }
      if (!made && made.error().code == EBUSY) continue;  // one kind to a parent
      ASSERT_TRUE(made) << made.error().message();
      EXPECT_TRUE(container.sees(std::string("ip link show ") + kind + " >/dev/null"));
    }
    const auto odd =
        links.add_subdevice({"macvlan", "sideways", (*parent)->index, "x", container.pid(), 0, {}});
    ASSERT_FALSE(odd);
    EXPECT_EQ(odd.error().operation, "unknown mode \"sideways\"");
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network

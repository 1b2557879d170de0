#include "runtime/network/firewall/firewall.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/firewall/hosts.h"

namespace mycontainer::runtime::network {
namespace {

PublishedPort port(const std::string& host, std::uint16_t number, const std::string& target,
                   std::uint16_t inside, Protocol protocol = Protocol::kTcp) {
  return {*Address::parse(host), number, inside, protocol, *Address::parse(target)};
}

PublishedPort web(const std::string& target) { return port("0.0.0.0", 80, target, 8080); }

using Ports = std::vector<PublishedPort>;

int error_of(const Result<void>& done) { return done ? 0 : done.error().code; }

void with_firewall(const std::function<void(Firewall&, const Places&)>& body) {
  const test::TemporaryDirectory state;
  test::in_namespaces(CLONE_NEWNET, [&] {
    const Places places{"", state / "state", {}};
    auto firewall = Firewall::open(places);
    ASSERT_TRUE(firewall) << firewall.error().message();
    body(*firewall, places);
  });
}

TEST(Firewall, HasTheNameOfItsStateDirectory) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall& firewall, const Places& places) {
    const auto usual = Firewall::open({"", "/run/mycontainer", {}});
    const auto again = Firewall::open(places);
    ASSERT_TRUE(usual && again);
    EXPECT_EQ(usual->table(), "mycontainer");
    EXPECT_EQ(firewall.table().size(), std::string("mycontainer-01234567").size());
    EXPECT_EQ(firewall.table(), again->table());
  });
}

TEST(Firewall, ABridgeComesAndGoes) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall& firewall, const Places&) {
    EXPECT_FALSE(*firewall.has_bridge("mc0"));  // no table
    EXPECT_EQ(error_of(firewall.remove_bridge("mc0")), 0);
    EXPECT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    EXPECT_TRUE(*firewall.has_bridge("mc0"));
    EXPECT_FALSE(*firewall.has_bridge("mc1"));
    EXPECT_EQ(error_of(firewall.add_bridge({"mc1", true})), 0);
    EXPECT_EQ(error_of(firewall.add_bridge({"mc1", false, false})), 0);  // it says otherwise now
    EXPECT_EQ(error_of(firewall.remove_bridge("mc0")), 0);
    EXPECT_EQ(error_of(firewall.remove_bridge("mc0")), 0);
    EXPECT_FALSE(*firewall.has_bridge("mc0"));
    EXPECT_TRUE(*firewall.has_bridge("mc1"));
    EXPECT_EQ(error_of(firewall.remove_table()), 0);
    EXPECT_EQ(error_of(firewall.remove_table()), 0);
    EXPECT_FALSE(*firewall.has_bridge("mc1"));
  });
}

TEST(Firewall, APortLeadsToOneContainerOnly) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall& firewall, const Places&) {
    ASSERT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    EXPECT_EQ(error_of(firewall.publish(Ports{web("10.66.0.2")})), 0);
    EXPECT_EQ(error_of(firewall.publish(Ports{web("10.66.0.2")})), 0);  // once more
    // All or none: 81 is not taken by who does not get 80.
    const auto other = port("0.0.0.0", 81, "10.66.0.3", 80);
    EXPECT_EQ(error_of(firewall.publish(Ports{other, web("10.66.0.3")})), EEXIST);
    EXPECT_EQ(error_of(firewall.publish(Ports{port("0.0.0.0", 81, "10.66.0.4", 80)})), 0);
  });
}

TEST(Firewall, OnlyWhatStillLeadsToTheTargetIsWithdrawn) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall& firewall, const Places&) {
    EXPECT_EQ(error_of(firewall.withdraw(Ports{web("10.66.0.2")})), 0);  // no table
    ASSERT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    ASSERT_EQ(error_of(firewall.publish(Ports{web("10.66.0.3")})), 0);
    EXPECT_EQ(error_of(firewall.withdraw(Ports{web("10.66.0.2")})), 0);
    EXPECT_EQ(error_of(firewall.publish(Ports{web("10.66.0.2")})), EEXIST);
    EXPECT_EQ(error_of(firewall.withdraw(Ports{web("10.66.0.3"), port("::", 9, "fd00::3", 9)})), 0);
    EXPECT_EQ(error_of(firewall.publish(Ports{web("10.66.0.2")})), 0);
  });
}

TEST(Firewall, WithoutATablePublishingSaysSo) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall& firewall, const Places&) {
    EXPECT_EQ(error_of(firewall.publish(Ports{web("10.66.0.2")})), ENOENT);
  });
}

TEST(Firewall, ReplacePutsEverythingThereAndNothingElse) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall& firewall, const Places&) {
    ASSERT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    ASSERT_EQ(error_of(firewall.publish(Ports{web("10.66.0.3")})), 0);
    const std::vector<BridgeRules> bridges = {{"mc1"}, {"mc2", true}, {"mc3", false, false}};
    // More than fit in one message, of each map.
    Ports ports;
    for (std::uint16_t i = 1000; i < 4000; ++i) {
      ports.push_back(port("0.0.0.0", i, "10.66.0.2", i));
      ports.push_back(port("2001:db8::1", i, "fd66::2", i, Protocol::kUdp));
    }
    const auto done = firewall.replace(bridges, ports);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_FALSE(*firewall.has_bridge("mc0"));
    EXPECT_TRUE(*firewall.has_bridge("mc3"));
    EXPECT_EQ(error_of(firewall.publish(Ports{web("10.66.0.2")})), 0);
    EXPECT_EQ(error_of(firewall.publish(Ports{port("0.0.0.0", 3999, "10.66.0.3", 1)})), EEXIST);
    EXPECT_EQ(error_of(firewall.withdraw(ports)), 0);
    EXPECT_EQ(error_of(firewall.publish(Ports{port("0.0.0.0", 3999, "10.66.0.3", 1)})), 0);
    EXPECT_EQ(error_of(firewall.replace({}, {})), 0);
  });
}

TEST(Firewall, TwoTablesDoNotDisturbEachOther) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall& firewall, const Places& places) {
    auto other = Firewall::open({"", places.state + "2", {}});
    ASSERT_TRUE(other);
    ASSERT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    EXPECT_FALSE(*other->has_bridge("mc0"));
    EXPECT_EQ(error_of(other->remove_table()), 0);
    EXPECT_TRUE(*firewall.has_bridge("mc0"));
  });
}

TEST(Firewall, WithoutTheRightItIsRefusedInOneLine) {
  SKIP_UNLESS_ROOT();
  with_firewall([](Firewall&, const Places& places) {
    ASSERT_EQ(::chmod(places.state.substr(0, places.state.rfind('/')).c_str(), 0777), 0);
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(::setresuid(kNobody, kNobody, kNobody), 0);
    auto firewall = Firewall::open(places);
    ASSERT_TRUE(firewall);
    const auto done = firewall->replace({}, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message(),
              "change the packet filter: netlink: Operation not permitted (EPERM)");
  });
}

// A flushed ruleset is made whole by the next bridge, and what sets hold is kept by it.
TEST(Firewall, AddingABridgeMakesTheRulesAnew) {
  SKIP_UNLESS_ROOT();
  if (!shell("command -v nft >/dev/null")) GTEST_SKIP() << "nft (nftables) is not installed";
  with_firewall([](Firewall& firewall, const Places&) {
    const std::string list = "nft list table inet " + firewall.table();
    ASSERT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    ASSERT_EQ(error_of(firewall.publish(Ports{web("10.66.0.2")})), 0);
    const std::string before = output_of(list);
    ASSERT_TRUE(shell("nft flush table inet " + firewall.table()));
    EXPECT_NE(output_of(list), before);
    ASSERT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    EXPECT_EQ(output_of(list), before);
  });
}

TEST(Firewall, NftReadsItAsItsHeaderSaysIt) {
  SKIP_UNLESS_ROOT();
  if (!shell("command -v nft >/dev/null")) GTEST_SKIP() << "nft (nftables) is not installed";
  with_firewall([](Firewall& firewall, const Places&) {
    ASSERT_EQ(error_of(firewall.add_bridge({"mc0"})), 0);
    ASSERT_EQ(error_of(firewall.publish(
                  Ports{web("10.66.0.2"), port("fd00::7", 53, "fd00::2", 5353, Protocol::kUdp)})),
              0);
    const std::string shown = output_of("nft list ruleset");
    for (const char* line :
         {"elements = { \"mc0\" }", "elements = { \"mc0\" . \"mc0\" }",
          "elements = { tcp . 80 : 10.66.0.2 . 8080 }",
          "elements = { fd00::7 . udp . 53 : fd00::2 . 5353 }",
          "type inet_proto . inet_service : ipv6_addr . inet_service",
          "type filter hook prerouting priority raw", "type nat hook postrouting priority srcnat",
          "ip daddr 127.0.0.0/8 iifname @bridges drop", "fib daddr type local jump published",
          "dnat ip to ip daddr . meta l4proto . th dport map @ports4_at",
          "dnat ip6 to meta l4proto . th dport map @ports6",
          "iifname @bridges oifname != @bridges masquerade", "ct state established,related accept",
          "ct status dnat oifname @bridges accept"}) {
      EXPECT_NE(shown.find(line), shown.npos) << line << "\n" << shown;
    }
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network

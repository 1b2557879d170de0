#include "runtime/network/netlink/netlink.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>

#include <array>

#include "tests/support/in_namespaces.h"

namespace mycontainer::runtime::network {
namespace {

Request new_bridge(const std::string& name) {
  auto request = Request::make(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
  EXPECT_TRUE(request->add(IFLA_IFNAME, name));
  EXPECT_TRUE(request->begin(IFLA_LINKINFO));
  EXPECT_TRUE(request->add(IFLA_INFO_KIND, std::string("bridge")));
  EXPECT_TRUE(request->end());
  return std::move(*request);
}

Request table(int operation, int flags, const std::string& name) {
  auto request = Request::make(NFNL_SUBSYS_NFTABLES << 8 | operation, flags,
                               nfgenmsg{NFPROTO_INET, NFNETLINK_V0, 0});
  EXPECT_TRUE(request->add(NFTA_TABLE_NAME, name));
  return std::move(*request);
}

template <class... Requests>
std::vector<Request> list_of(Requests... requests) {
  std::vector<Request> list;
  (list.push_back(std::move(requests)), ...);
  return list;
}

TEST(NestedAttributes, HoldAStructAndAttributesAndMayNest) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNET, [] {
    auto netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    auto request = Request::make(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
    ASSERT_TRUE(request->add(IFLA_IFNAME, std::string("one")));
    ASSERT_TRUE(request->begin(IFLA_LINKINFO));
    ASSERT_TRUE(request->add(IFLA_INFO_KIND, std::string("veth")));
    ASSERT_TRUE(request->begin(IFLA_INFO_DATA));
    ASSERT_TRUE(request->begin(VETH_INFO_PEER, ifinfomsg{}));
    ASSERT_TRUE(request->add(IFLA_IFNAME, std::string("other")));
    for (int depth = 0; depth < 3; ++depth) ASSERT_TRUE(request->end());
    const auto done = netlink->talk(*request);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_NE(::if_nametoindex("one"), 0u);
    EXPECT_NE(::if_nametoindex("other"), 0u);
  });
}

TEST(NestedAttributes, AreAtMost64KiB) {
  auto request = Request::make(RTM_NEWLINK, 0, ifinfomsg{});
  ASSERT_TRUE(request->begin(IFLA_LINKINFO));
  const std::string text(30000, 'x');
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(request->add(IFLA_INFO_KIND, text));
  const auto ended = request->end();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, EMSGSIZE);
}

TEST(NestedAttributes, AreReadInOrder) {
  const std::array<std::uint16_t, 8> bytes = {6, 1, 0x0201, 0, 4, 2, 5, 3};  // the last has no end
  std::vector<int> types;
  const auto all = std::as_bytes(std::span(bytes));
  for_each_attribute(all, [&](int type, auto) { types.push_back(type); });
  EXPECT_EQ(types, (std::vector<int>{1, 2}));
  EXPECT_EQ(find_attribute(all, 1).size(), 2u);
  EXPECT_EQ(find_attribute(all, 7).data(), nullptr);
}

TEST(TalkAll, DoesThemAllAndNamesTheFirstThatWasRefused) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNET, [] {
    auto netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    std::size_t refused = 0;
    const auto done = netlink->talk_all(
        list_of(new_bridge("a"), new_bridge("b"), new_bridge("a"), new_bridge("c")), &refused);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, EEXIST);
    EXPECT_EQ(refused, 2u);
    EXPECT_NE(::if_nametoindex("c"), 0u);
    EXPECT_TRUE(netlink->talk_all(list_of(new_bridge("d"), new_bridge("e"))));
    EXPECT_TRUE(netlink->talk(new_bridge("f")));
  });
}

TEST(TalkAll, TakesMoreThanTheUsualBuffersHold) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNET, [] {
    auto netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    std::vector<Request> requests;
    constexpr int kMany = 2000;
    for (int i = 0; i < kMany; ++i) {
      auto request = Request::make(RTM_GETLINK, 0, ifinfomsg{});
      ASSERT_TRUE(request->add(IFLA_IFNAME, std::string(i == 0 ? "missing" : "lo")));
      requests.push_back(std::move(*request));
    }
    const auto done = netlink->talk_all(requests);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ENODEV) << done.error().message();
  });
}

TEST(Transact, DoesAllOrNone) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNET, [] {
    auto netlink = Netlink::open(NETLINK_NETFILTER);
    ASSERT_TRUE(netlink) << netlink.error().message();
    std::size_t refused = 0;
    const auto failed = netlink->transact(
        NFNL_SUBSYS_NFTABLES,
        list_of(table(NFT_MSG_NEWTABLE, NLM_F_CREATE, "one"), table(NFT_MSG_DELTABLE, 0, "missing"),
                table(NFT_MSG_NEWTABLE, NLM_F_CREATE, "two")),
        &refused);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ENOENT);
    EXPECT_EQ(refused, 1u);
    const auto none = netlink->talk(table(NFT_MSG_GETTABLE, 0, "one"));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ENOENT);
    ASSERT_TRUE(netlink->transact(NFNL_SUBSYS_NFTABLES,
                                  list_of(table(NFT_MSG_NEWTABLE, NLM_F_CREATE, "one"),
                                          table(NFT_MSG_NEWTABLE, NLM_F_CREATE, "two"))));
    EXPECT_TRUE(netlink->talk(table(NFT_MSG_GETTABLE, 0, "two")));
  });
}

TEST(Transact, TakesALargeBatch) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNET, [] {
    auto netlink = Netlink::open(NETLINK_NETFILTER);
    ASSERT_TRUE(netlink) << netlink.error().message();
    std::vector<Request> requests;
    for (int i = 0; i < 5000; ++i) {
      requests.push_back(table(NFT_MSG_NEWTABLE, NLM_F_CREATE, std::string(100, 'x')));
    }
    const auto done = netlink->transact(NFNL_SUBSYS_NFTABLES, requests);
    EXPECT_TRUE(done) << done.error().message();
    // None is done when one is refused, and so many refusals are no trouble.
    for (int i = 0; i < 5000; ++i) requests.push_back(table(NFT_MSG_DELTABLE, 0, "missing"));
    std::size_t refused = 0;
    const auto failed = netlink->transact(NFNL_SUBSYS_NFTABLES, requests, &refused);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ENOENT) << failed.error().message();
    EXPECT_EQ(refused, 5000u);
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network

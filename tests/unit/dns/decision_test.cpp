#include "runtime/network/dns/decision.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <set>

#include "runtime/network/dns/names.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/dns/queries.h"

namespace mycontainer::runtime::network {
namespace {

using test::packet;
using test::query;
using test::read_answer;
using Records = std::vector<std::string>;

// "me" is in the network "net"; "other" in "foreign" alone.
struct Decisions : testing::Test {
  Decisions() {
    places.state = directory.path();
    join("me", "net", {"me"}, {"10.0.0.2"});
    join("c1", "net", {"web", "shared"}, {"10.0.0.3", "fd00::3"});
    join("c2", "net", {"db", "shared"}, {"10.0.0.4"});
    join("other", "foreign", {"hidden"}, {"10.1.0.2"});
  }

  Endpoint join(const std::string& container, const std::string& network,
                std::vector<std::string> names, const std::vector<std::string>& addresses,
                bool internal = false) {
    Endpoint endpoint;
    endpoint.network_id = "id-of-" + network;
    endpoint.network_name = network;
    endpoint.names = std::move(names);
    endpoint.internal = internal;
    for (const std::string& text : addresses) {
      endpoint.addresses.push_back({*Address::parse(text), 24, {}});
    }
    EXPECT_TRUE(announce(places, container, endpoint));
    return endpoint;
  }

  Decision decide(const std::string& name, unsigned type, const std::string& who = "me",
                  bool has_servers = true) {
    const Members members(*sys::open_at(AT_FDCWD, places.live(), O_RDONLY | O_DIRECTORY), who);
    return Decider(members, has_servers).decide(packet(query(name, type)), Transport::kUdp);
  }
  Records records(const std::string& name, unsigned type) {
    const Decision decision = decide(name, type);
    EXPECT_FALSE(decision.answer.empty()) << name;
    if (decision.answer.empty()) return {};
    const auto answer = read_answer(decision.answer);
    EXPECT_EQ(answer.code, 0U) << name;
    EXPECT_EQ(answer.question, name);
    return answer.records;
  }
  void expect_forwarded(const std::string& name, unsigned type, const std::string& who = "me") {
    const Decision decision = decide(name, type, who);
    EXPECT_TRUE(decision.answer.empty()) << name;
    EXPECT_TRUE(decision.question) << name;
  }
  void expect_refused(const Decision& decision, Rcode code) {
    ASSERT_FALSE(decision.answer.empty());
    EXPECT_EQ(read_answer(decision.answer).code, static_cast<unsigned>(code));
    EXPECT_FALSE(decision.question);
  }

  mycontainer::test::TemporaryDirectory directory;
  Places places;
};

TEST_F(Decisions, MembersHaveTheirAddresses) {
  EXPECT_EQ(records("web", ns_t_a), Records{"A 10.0.0.3"});
  EXPECT_EQ(records("WeB", ns_t_aaaa), Records{"AAAA fd00::3"});
  EXPECT_EQ(records("web.net", ns_t_a), Records{"A 10.0.0.3"});
  EXPECT_EQ(records("web", ns_t_any), (Records{"A 10.0.0.3", "AAAA fd00::3"}));
  EXPECT_EQ(records("me", ns_t_a), Records{"A 10.0.0.2"});
}

TEST_F(Decisions, ANameWithoutWhatIsAskedForHasAnEmptyAnswer) {
  EXPECT_EQ(records("db", ns_t_aaaa), Records{});
  EXPECT_EQ(records("db", ns_t_mx), Records{});
}

TEST_F(Decisions, ReverseNamesAreMembers) {
  EXPECT_EQ(records("3.0.0.10.in-addr.arpa", ns_t_ptr), Records{"PTR web.net"});
  EXPECT_EQ(records("3.0.0.10.in-addr.arpa", ns_t_a), Records{});
  expect_forwarded("2.0.1.10.in-addr.arpa", ns_t_ptr);
}

TEST_F(Decisions, ContainersOfOneNameTakeTurns) {
  const Members members(*sys::open_at(AT_FDCWD, places.live(), O_RDONLY | O_DIRECTORY), "me");
  Decider decider(members, true);
  std::set<std::string> first;
  for (int i = 0; i < 2; ++i) {
    const auto decision = decider.decide(packet(query("shared", ns_t_a)), Transport::kUdp);
    const auto answer = read_answer(decision.answer);
    ASSERT_EQ(answer.records.size(), 2U);
    first.insert(answer.records.front());
  }
  EXPECT_EQ(first.size(), 2U);
}

TEST_F(Decisions, OtherNetworksNamesAreNotKnown) {
  expect_refused(decide("hidden", ns_t_a), Rcode::kNxDomain);
  expect_forwarded("hidden.foreign", ns_t_a);
  join("me", "foreign", {"me"}, {"10.1.0.3"});
  EXPECT_EQ(records("hidden", ns_t_a), Records{"A 10.1.0.2"});
  EXPECT_EQ(records("hidden.foreign", ns_t_a), Records{"A 10.1.0.2"});
  EXPECT_EQ(records("me", ns_t_a).size(), 2U);
}

TEST_F(Decisions, WhoWasKilledIsNotThereAndWhoLivesIs) {
  {
    const auto held = lock_membership(places, "c1");
    EXPECT_EQ(records("web", ns_t_a), Records{"A 10.0.0.3"});
  }
  expect_refused(decide("web", ns_t_a), Rcode::kNxDomain);
  expect_forwarded("3.0.0.10.in-addr.arpa", ns_t_ptr);
  EXPECT_EQ(records("shared", ns_t_a), Records{"A 10.0.0.4"});
}

TEST_F(Decisions, QuestionsOfStrangersAreForwarded) {
  expect_forwarded("www.example.com", ns_t_a);
  expect_forwarded("com", ns_t_ns);
  expect_forwarded("", ns_t_ns);
  expect_forwarded("a b.example", ns_t_a);
  expect_refused(decide("com", ns_t_a), Rcode::kNxDomain);
  expect_refused(decide("example.com", ns_t_axfr), Rcode::kRefused);
}

TEST_F(Decisions, NothingIsForwardedWithoutAWayOut) {
  expect_refused(decide("www.example.com", ns_t_a, "me", false), Rcode::kNxDomain);
  const Endpoint inside = join("in", "closed", {"in"}, {"10.2.0.2"}, true);
  expect_refused(decide("www.example.com", ns_t_txt, "in"), Rcode::kNxDomain);
  join("in", "net", {"in"}, {"10.0.0.9"});
  expect_forwarded("www.example.com", ns_t_txt, "in");
  expect_refused(decide("www.example.com", ns_t_a, "nobody"), Rcode::kNxDomain);
}

TEST_F(Decisions, WhatIsWrittenWhileItIsReadDoesNoHarm) {
  directory.make_link("10.9.9.9", "networks/id-of-net/names/web/.half");
  EXPECT_EQ(records("web", ns_t_a), Records{"A 10.0.0.3"});
}

}  // namespace
}  // namespace mycontainer::runtime::network

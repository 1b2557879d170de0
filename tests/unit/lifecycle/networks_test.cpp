#include "runtime/lifecycle/networks.h"

#include <gtest/gtest.h>

#include "runtime/lifecycle/connect.h"
#include "runtime/network/definition/store.h"
#include "runtime/state/places.h"
#include "runtime/state/store.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::lifecycle {
namespace {

using network::Definition;
using network::EndpointSettings;

class NetworkVerbs : public testing::Test {
 protected:
  Definition make(const std::string& name, std::map<std::string, std::string> labels = {}) {
    Definition wanted{.name = name, .labels = std::move(labels)};
    const auto places = state::places_of(roots_);
    EXPECT_TRUE(network::choose_pools(wanted, *network::list(places), {}));
    auto made = network::store(places, wanted);
    EXPECT_TRUE(made) << made.error().message();
    return made ? *made : Definition{};
  }
  // A stopped container.
  void add_container(char digit, std::vector<EndpointSettings> networks,
                     const std::string& mode = "bridge") {
    state::Record record;
    record.id = std::string(64, digit);
    record.name = std::string("c") + digit;
    record.network = mode;
    record.networks = std::move(networks);
    record.created = 1;
    auto container = state::Container::create(roots_, record, {}, {});
    ASSERT_TRUE(container) << container.error().message();
    container->keep();
  }
  std::vector<EndpointSettings> networks_of(char digit) {
    return state::Container::open(roots_, std::string(64, digit))->read()->networks;
  }
  std::string connected(char digit, EndpointSettings endpoint) {
    const auto done = connect(roots_, std::string(64, digit), std::move(endpoint));
    return done ? "" : done.error().operation;
  }
  std::string disconnected(char digit, const std::string& network, bool force = false) {
    const auto done = disconnect(roots_, std::string(64, digit), network, force);
    return done ? "" : done.error().operation;
  }

  test::TemporaryDirectory directory_;
  state::Roots roots_{directory_ / "data", directory_ / "state"};
};

TEST_F(NetworkVerbs, ListThePredefinedOnesBesideTheUsers) {
  make("web");
  std::vector<std::string> names;
  const auto listed = list_networks(roots_);
  for (const Definition& network : *listed) names.push_back(network.name + "/" + network.driver);
  EXPECT_EQ(names,
            (std::vector<std::string>{"bridge/bridge", "host/host", "none/null", "web/bridge"}));
}

TEST_F(NetworkVerbs, FindThePredefinedOnesByTheirIds) {
  for (const Definition& network : predefined_networks()) {
    EXPECT_EQ(network.id.size(), 64U);
    if (network.name == "bridge") continue;  // made by who finds it
    EXPECT_EQ(find_network(roots_, network.id.substr(0, 12))->name, network.name);
    EXPECT_EQ(find_network(roots_, network.name)->id, network.id);
  }
  EXPECT_EQ(find_network(roots_, "web").error().code, ENOENT);
  EXPECT_EQ(find_network(roots_, "").error().code, ENOENT);
}

TEST_F(NetworkVerbs, RefuseToRemoveThePredefinedOnes) {
  for (const char* name : {"bridge", "host", "none"}) {
    EXPECT_EQ(remove_network(roots_, name).error().message(),
              fmt::format("{} is a pre-defined network and cannot be removed", name));
  }
}

TEST_F(NetworkVerbs, KnowWhichContainersNameANetwork) {
  add_container('a', {{.network = "web"}, {.network = "db"}});
  add_container('b', {{.network = "web"}});
  const auto users = network_users(roots_);
  EXPECT_EQ(users->count("web"), 2U);
  EXPECT_EQ(users->count("db"), 1U);
  EXPECT_TRUE(network_members(roots_).empty());  // none runs
}

TEST_F(NetworkVerbs, ChangeTheRecordAloneOfAContainerThatDoesNotRun) {
  const Definition web = make("web");
  add_container('a', {{.network = "bridge"}});
  EXPECT_EQ(
      connected('a', {.network = web.id.substr(0, 12), .ipv4 = "10.67.0.9", .aliases = {"x"}}), "");
  auto networks = networks_of('a');
  ASSERT_EQ(networks.size(), 2U);
  EXPECT_EQ(networks[1].network, "web");
  EXPECT_EQ(networks[1].ipv4, "10.67.0.9");
  EXPECT_EQ(networks[1].aliases, std::vector<std::string>{"x"});
  EXPECT_EQ(connected('a', {.network = "web"}),
            "endpoint with name ca already exists in network web");
  EXPECT_EQ(disconnected('a', "bridge"), "");
  EXPECT_EQ(disconnected('a', web.id), "");
  EXPECT_TRUE(networks_of('a').empty());
  EXPECT_EQ(disconnected('a', "web"),
            fmt::format("container {} is not connected to network web", std::string(64, 'a')));
  EXPECT_EQ(disconnected('a', "web", true), "");
  // It was in a network when it was made.
  EXPECT_EQ(connected('a', {.network = "web"}), "");
}

TEST_F(NetworkVerbs, ForgetANetworkThatIsGone) {
  add_container('a', {{.network = "web"}, {.network = "gone"}});
  EXPECT_EQ(disconnected('a', "never"), "network never not found");
  EXPECT_EQ(disconnected('a', "gone"), "");
  EXPECT_EQ(networks_of('a').size(), 1U);
}

TEST_F(NetworkVerbs, RefuseContainersThatHaveAnothersNetwork) {
  make("web");
  add_container('a', {}, "none");
  add_container('b', {{.network = "host"}}, "host");
  add_container('c', {{.network = "container:x"}}, "container:x");
  EXPECT_NE(connected('a', {.network = "web"}).find("private (none) mode"), std::string::npos);
  for (const char digit : {'b', 'c'}) {
    EXPECT_NE(connected(digit, {.network = "web"}).find("sharing network namespace"),
              std::string::npos);
  }
  add_container('d', {{.network = "web"}}, "web");
  EXPECT_NE(connected('d', {.network = "host"}).find("host network"), std::string::npos);
  EXPECT_NE(connected('d', {.network = "none"}).find("private (none) mode"), std::string::npos);
  EXPECT_NE(disconnected('b', "host").find("host network"), std::string::npos);
}

TEST(NetworkPruneFilter, GoesByAgeAndLabels) {
  Definition network;
  network.created = 100;
  network.labels = {{"team", "blue"}, {"keep", ""}};
  EXPECT_TRUE(matches({}, network));
  EXPECT_TRUE(matches({.until = 101}, network));
  EXPECT_FALSE(matches({.until = 100}, network));
  EXPECT_TRUE(matches({.labels = {{"team", "blue"}, {"keep", {}}}}, network));
  EXPECT_FALSE(matches({.labels = {{"team", "red"}}}, network));
  EXPECT_FALSE(matches({.without_labels = {{"keep", {}}}}, network));
  EXPECT_TRUE(matches({.without_labels = {{"other", {}}}}, network));
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle

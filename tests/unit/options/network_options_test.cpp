#include "cmd/options/network_options.h"

#include <cstdlib>

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::network::EndpointSettings;
using runtime::network::Kind;
using runtime::network::kind_of;

std::vector<std::string> warnings_of(std::vector<const char*> options) {
  options.push_back("/bin/true");
  auto parsed = parse_words(options);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message());
  return parsed ? parsed->warnings : std::vector<std::string>();
}

EndpointSettings only_network(const std::vector<const char*>& options) {
  const auto networks = request_with(options).networks;
  EXPECT_EQ(networks.size(), 1u);
  return networks.empty() ? EndpointSettings{} : networks.front();
}

TEST(Networks, AreNamedByTheirKinds) {
  EXPECT_EQ(kind_of(request_with({"--network", "none"}).networks), Kind::kNone);
  EXPECT_EQ(kind_of(request_with({"--net=host"}).networks), Kind::kHost);
  EXPECT_EQ(kind_of(request_with({"--network", "bridge"}).networks), Kind::kMember);
  EXPECT_EQ(kind_of(request_with({"--network", "web"}).networks), Kind::kMember);
  EXPECT_EQ(kind_of(request_with({"--network", "pasta"}).networks), Kind::kUserMode);
  EXPECT_EQ(only_network({"--network", "container:web"}).network, "container:web");
  EXPECT_EQ(only_network({"--network", "ns:/run/netns/a=b"}).network, "ns:/run/netns/a=b");
  EXPECT_TRUE(only_network({"--network", "ns:x"}).network.ends_with("/x"));
}

TEST(Networks, CanBeSeveral) {
  const auto networks =
      request_with({"--network", "web", "--network=db", "--ip", "10.1.2.3"}).networks;
  ASSERT_EQ(networks.size(), 2u);
  EXPECT_EQ(networks[0].network, "web");
  EXPECT_EQ(networks[0].ipv4, "10.1.2.3");
  EXPECT_EQ(networks[1].network, "db");
  EXPECT_EQ(networks[1].ipv4, "");
  EXPECT_EQ(request_with({"--network=web", "--network=bridge"}).networks.size(), 2u);
}

TEST(Networks, TakeDockersLongForm) {
  const auto web = only_network(
      {"--network",
       "name=web,alias=a,alias=b,ip=10.1.2.3,ip6=fd00::3,mac-address=02:42:AC:11:00:02,"
       "driver-opt=k=v,gw-priority=-7"});
  EXPECT_EQ(web.network, "web");
  EXPECT_EQ(web.aliases, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(web.ipv4, "10.1.2.3");
  EXPECT_EQ(web.ipv6, "fd00::3");
  EXPECT_EQ(web.mac, "02:42:ac:11:00:02");
  EXPECT_EQ(web.driver_options.at("k"), "v");
  EXPECT_EQ(web.gateway_priority, -7);
}

TEST(Networks, TakeWhatWasSaidOfTheFirst) {
  const auto web = only_network({"--network", "web", "--ip6", "fd00:0::3", "--network-alias", "a",
                                 "--net-alias=b", "--mac-address", "02-42-ac-11-00-02"});
  EXPECT_EQ(web.ipv6, "fd00::3");
  EXPECT_EQ(web.mac, "02:42:ac:11:00:02");
  EXPECT_EQ(web.aliases, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(only_network({"--mac-address", "02:42:ac:11:00:02"}).network, "default");
}

TEST(Networks, RefuseWhatIsNone) {
  expect_errors({
      {{"--network", ""}, "network name/id is not specified"},
      {{"--network", "../x"}, "invalid network name"},
      {{"--network", "container:"}, "invalid container format container:<name|id>"},
      {{"--network", "ns:"}, "ns: needs a path"},
      {{"--network", "name=web,colour=red"}, "invalid field key colour"},
      {{"--network", "name=web,alias"}, "invalid field alias"},
      {{"--network", "alias=web"}, "network name/id is not specified"},
      {{"--network", "name=web,gw-priority=x"}, "invalid gw-priority: x"},
      {{"--network", "name=web,driver-opt=x"}, "invalid key value pair"},
      {{"--ip", "fd00::1"}, "invalid IPv4 address: fd00::1"},
      {{"--ip", "10.1.2"}, "invalid IPv4 address: 10.1.2"},
      {{"--ip6", "10.1.2.3"}, "invalid IPv6 address: 10.1.2.3"},
      {{"--mac-address", "02:42"}, "02:42 is not a valid mac address"},
      {{"--mac-address", "01:00:5e:00:00:01"}, "is not a valid mac address"},
      {{"--network-alias", "a b"}, "invalid network alias: a b"},
      {{"--link", "web:db"}, "--network NAME"},
      {{"--link-local-ip", "169.254.1.1"}, "link-local addresses"},
  });
}

TEST(Networks, RefuseContradictionsInDockersWords) {
  const char* together = "cannot attach both user-defined and non-user-defined network-modes";
  const char* address = "user specified IP address is supported on user defined networks only";
  expect_errors({
      {{"--network=none", "--network=web"}, together},
      {{"--network=host", "--network=none"}, together},
      {{"--network=container:x", "--network=web"}, together},
      {{"--network=web", "--network=web"}, "network \"web\" is specified multiple times"},
      {{"--ip", "10.1.2.3"}, address},
      {{"--network=bridge", "--ip", "10.1.2.3"}, address},
      {{"--network=none", "--ip6", "fd00::3"}, address},
      {{"--network-alias", "x"}, "network-scoped alias is supported only for containers in user"},
      {{"--network=host", "--mac-address", "02:42:ac:11:00:02"},
       "mac-address and the network mode"},
      {{"--network=name=web,ip=10.1.2.3", "--ip=10.1.2.4"},
       "both --ip and per-network IPv4 address"},
      {{"--network=name=web,alias=a", "--network-alias=b"}, "both --network-alias and per-network"},
      {{"--network=container:x", "-p", "80"},
       "port publishing and the container type network mode"},
      {{"--network=container:x", "-P"}, "port publishing and the container type network mode"},
      {{"--network=container:x", "--expose", "80"}, "port exposing and the container type"},
      {{"--network=container:x", "--dns", "1.1.1.1"}, "dns and the network mode"},
      {{"--network=container:x", "--add-host", "a:1.1.1.1"}, "custom host-to-IP mapping"},
      {{"--network=container:x", "--hostname", "a"}, "hostname and the network mode"},
      {{"--network=container:x", "--sysctl", "net.core.somaxconn=1"}, "not allowed"},
      {{"--network=ns:/x", "--sysctl", "net.core.somaxconn=1"}, "not allowed"},
  });
}

TEST(Networks, TellThatPortsAreDiscarded) {
  EXPECT_EQ(warnings_of({"--network=host", "-p", "80"}),
            std::vector<std::string>{"Published ports are discarded when using host network mode"});
  EXPECT_EQ(warnings_of({"--network=none", "-P"}).size(), 1u);
  EXPECT_TRUE(warnings_of({"--network=host"}).empty());
  EXPECT_TRUE(warnings_of({"--network=web", "-p", "80"}).empty());
  EXPECT_TRUE(warnings_of({"-p", "80"}).empty());
}

TEST(Networks, HaveADefaultFromTheEnvironment) {
  ::setenv("MYCONTAINER_NETWORK", "web", 1);
  EXPECT_EQ(only_network({}).network, "web");
  EXPECT_EQ(only_network({"--ip", "10.1.2.3"}).ipv4, "10.1.2.3");
  EXPECT_EQ(only_network({"--network", "default"}).network, "default");
  ::setenv("MYCONTAINER_NETWORK", "a b", 1);
  EXPECT_NE(error_with({}).find("invalid value \"a b\" of MYCONTAINER_NETWORK"), std::string::npos);
  ::unsetenv("MYCONTAINER_NETWORK");
}

TEST(Names, GoToTheFilesOfTheContainer) {
  const auto names = request_with({"--add-host", "db:10.1.2.3", "--add-host=gw=[fd00::1]",
                                   "--add-host", "up:host-gateway", "--add-host", "six:fd00::2",
                                   "--dns", "1.1.1.1", "--dns", "::1", "--dns-search", "a.test.",
                                   "--dns-search=.", "--dns-opt", "ndots:2", "--dns-option=rotate"})
                         .names;
  EXPECT_EQ(names.hosts, (std::vector<std::string>{"db:10.1.2.3", "gw:fd00::1", "up:host-gateway",
                                                   "six:fd00::2"}));
  EXPECT_EQ(names.servers, (std::vector<std::string>{"1.1.1.1", "::1"}));
  EXPECT_EQ(names.search, (std::vector<std::string>{"a.test", "."}));
  EXPECT_EQ(names.options, (std::vector<std::string>{"ndots:2", "rotate"}));
}

TEST(Names, RefuseWhatIsNone) {
  expect_errors({
      {{"--add-host", "db"}, "bad format for add-host: \"db\""},
      {{"--add-host", ":1.1.1.1"}, "bad format for add-host"},
      {{"--add-host", "a b:1.1.1.1"}, "bad format for add-host"},
      {{"--add-host", "db:1.1"}, "invalid IP address in add-host: \"1.1\""},
      {{"--dns", "example.test"}, "IP address is not correctly formatted: example.test"},
      {{"--dns-search", "a b"}, "a b is not a valid domain"},
      {{"--dns-option", "a b"}, "not one word"},
  });
}

}  // namespace
}  // namespace mycontainer::cmd::options

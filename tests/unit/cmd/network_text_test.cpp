#include "cmd/network_text.h"

#include <gtest/gtest.h>

namespace mycontainer::cmd {
namespace {

using runtime::lifecycle::NetworkMember;
using runtime::network::Address;
using runtime::network::Definition;
using runtime::network::Subnet;

Definition web() {
  Definition network{.id = std::string(64, '1'), .name = "web", .device = "mcweb"};
  network.created = 1'000'000'000;
  network.pools = {{.subnet = *Subnet::parse("10.1.0.0/16"),
                    .gateway = Address::parse("10.1.0.1"),
                    .range = Subnet::parse("10.1.5.0/24"),
                    .reserved = {{"printer", *Address::parse("10.1.5.9")}}},
                   {.subnet = *Subnet::parse("fd00::/64")}};
  return network;
}

NetworkMember member(char digit, const std::string& network_id) {
  runtime::network::Endpoint endpoint;
  endpoint.network_id = network_id;
  endpoint.mac = "02:42:0a:01:00:02";
  endpoint.addresses = {{*Address::parse("10.1.0.2"), 16}, {*Address::parse("fd00::2"), 64}};
  return {std::string(64, digit), std::string("c") + digit, endpoint};
}

TEST(NetworkDocument, IsDockers) {
  const auto document = network_document(web(), {});
  EXPECT_EQ(
      print::json_line(document),
      R"({"Name":"web","Id":"1111111111111111111111111111111111111111111111111111111111111111",)"
      R"("Created":"1970-01-01T00:00:01Z","Scope":"local","Driver":"bridge","EnableIPv4":true,)"
      R"("EnableIPv6":false,"IPAM":{"Driver":"default","Options":{},"Config":[{"Subnet":)"
      R"("10.1.0.0/16","IPRange":"10.1.5.0/24","Gateway":"10.1.0.1","AuxiliaryAddresses":)"
      R"({"printer":"10.1.5.9"}},{"Subnet":"fd00::/64"}]},"Internal":false,"Attachable":false,)"
      R"("Ingress":false,"ConfigFrom":{"Network":""},"ConfigOnly":false,"Containers":{},)"
      R"("Options":{"com.docker.network.bridge.name":"mcweb"},"Labels":{}})");
}

TEST(NetworkDocument, HasItsOwnMembersOnly) {
  std::multimap<std::string, NetworkMember> members;
  for (const char digit : {'a', 'b'}) members.emplace(web().id, member(digit, web().id));
  members.emplace(std::string(64, '2'), member('d', std::string(64, '2')));
  const auto containers = network_document(web(), members)["Containers"];
  ASSERT_EQ(containers.size(), 2U);
  const auto& one = containers[std::string(64, 'a')];
  EXPECT_EQ(one["Name"], "ca");
  EXPECT_EQ(one["IPv4Address"], "10.1.0.2/16");
  EXPECT_EQ(one["IPv6Address"], "fd00::2/64");
  EXPECT_EQ(one["MacAddress"], "02:42:0a:01:00:02");
  EXPECT_EQ(one["EndpointID"], std::string(64, 'b'));  // a xor 1
}

TEST(NetworkErrors, SayWithoutANumberWhatIsClear) {
  EXPECT_EQ(plain_network_error({"network x not found", ENOENT, {}, 0}).message(),
            "network x not found");
  EXPECT_EQ(plain_network_error({"network x has active endpoints", EBUSY, {}, 0}).message(),
            "network x has active endpoints");
  EXPECT_NE(plain_network_error({"open /x", ENOENT, {}, 0}).message(), "open /x");
}

}  // namespace
}  // namespace mycontainer::cmd

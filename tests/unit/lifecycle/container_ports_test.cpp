#include "runtime/lifecycle/container_ports.h"

#include <gtest/gtest.h>

#include "runtime/lifecycle/inspect.h"

namespace mycontainer::runtime::lifecycle {
namespace {

using network::Address;
using network::Protocol;

struct Scene {
  state::Roots roots{"/data", "/state"};
  state::Record record;
  network::Attachment attachment;
  std::string status = "running";

  Scene() {
    record.id = std::string(64, 'c');
    record.network = "web";
    record.networks = {{.network = "web", .ipv4 = "10.67.0.9", .aliases = {"www"}}};
    record.exposed_ports = {"90-91/udp", "80/tcp"};
    record.ports = {
        {.host_address = {}, .host_port = 8000, .host_port_last = 8010, .container_port = 80}};
    network::Endpoint endpoint;
    endpoint.network_id = std::string(64, 'e');
    endpoint.network_name = "web";
    endpoint.mac = "02:42:0a:43:00:09";
    endpoint.addresses = {{*Address::parse("10.67.0.9"), 24, Address::parse("10.67.0.1")},
                          {*Address::parse("fd00::9"), 64, Address::parse("fd00::1")}};
    endpoint.names = {"c1", "www"};
    attachment.endpoints = {endpoint};
    attachment.ports = {
        {Address(network::Family::kIpv6), 8003, 80, Protocol::kTcp, *Address::parse("fd00::9")},
        {Address(), 8003, 80, Protocol::kTcp, *Address::parse("10.67.0.9")}};
  }
  [[nodiscard]] nlohmann::ordered_json document() const {
    return inspect_document({.roots = roots,
                             .record = record,
                             .state = record.state,
                             .status = status,
                             .spec = {},
                             .size = {},
                             .attachment = attachment,
                             .network_ids = {{"web", std::string(64, 'f')}}});
  }
};

TEST(ContainerPorts, AreThoseOfTheRunAndWhatIsExposed) {
  const Scene scene;
  const auto ports = container_ports(scene.record, scene.attachment);
  ASSERT_EQ(ports.size(), 3u);
  EXPECT_EQ(ports[0].port, 80);
  ASSERT_EQ(ports[0].published.size(), 2u);
  EXPECT_EQ(ports[0].published[0].address, "0.0.0.0");
  EXPECT_EQ(ports[0].published[1].address, "::");
  EXPECT_EQ(ports[0].published[1].port, 8003);
  EXPECT_EQ(ports[2].port, 91);
  EXPECT_TRUE(ports[2].published.empty());
}

TEST(ContainerPorts, AreNotExposedToNobody) {
  state::Record record;
  record.exposed_ports = {"80/tcp"};
  EXPECT_TRUE(container_ports(record, {}).empty());
  record.networks = {{.network = "host"}};
  EXPECT_TRUE(container_ports(record, {}).empty());
}

TEST(NetworkNames, AreSortedAndNameTheMode) {
  EXPECT_EQ(network_names(state::Record()), std::vector<std::string>{"none"});
  EXPECT_EQ(network_names(Scene().record), std::vector<std::string>{"web"});
}

TEST(InspectNetworks, TellsWhatAMemberHas) {
  const auto settings = Scene().document()["NetworkSettings"];
  EXPECT_EQ(
      settings["Ports"].dump(),
      R"({"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8003"},{"HostIp":"::","HostPort":"8003"}],)"
      R"("90/udp":null,"91/udp":null})");
  const auto web = settings["Networks"]["web"];
  EXPECT_EQ(web["IPAddress"], "10.67.0.9");
  EXPECT_EQ(web["IPPrefixLen"], 24);
  EXPECT_EQ(web["Gateway"], "10.67.0.1");
  EXPECT_EQ(web["GlobalIPv6Address"], "fd00::9");
  EXPECT_EQ(web["IPv6Gateway"], "fd00::1");
  EXPECT_EQ(web["MacAddress"], "02:42:0a:43:00:09");
  EXPECT_EQ(web["Aliases"].dump(), R"(["www"])");
  EXPECT_EQ(web["DNSNames"].dump(), R"(["c1","www"])");
  EXPECT_EQ(web["NetworkID"], std::string(64, 'e'));
  EXPECT_EQ(web["EndpointID"], network::endpoint_id(std::string(64, 'e'), std::string(64, 'c')));
  EXPECT_EQ(web["IPAMConfig"]["IPv4Address"], "10.67.0.9");
  EXPECT_EQ(settings["IPAddress"], "") << "only the default network's";
}

TEST(InspectNetworks, OfTheDefaultOneAreAtTheOldPlaceToo) {
  Scene scene;
  scene.record.network = "bridge";
  scene.record.networks = {{.network = "bridge"}};
  scene.attachment.endpoints.front().network_name = "bridge";
  const auto settings = scene.document()["NetworkSettings"];
  EXPECT_EQ(settings["IPAddress"], "10.67.0.9");
  EXPECT_EQ(settings["MacAddress"], "02:42:0a:43:00:09");
}

TEST(InspectNetworks, OfOneThatDoesNotRunAreOnlyNamed) {
  Scene scene;
  scene.status = "exited";
  const auto settings = scene.document()["NetworkSettings"];
  EXPECT_EQ(settings["Ports"].dump(), "{}");
  EXPECT_EQ(settings["Networks"]["web"]["IPAddress"], "");
  EXPECT_EQ(settings["Networks"]["web"]["NetworkID"], std::string(64, 'f'));
}

TEST(InspectNetworks, HaveModesThatAreNone) {
  Scene scene;
  scene.attachment = {};
  scene.record.network = "none";
  scene.record.networks = {};
  EXPECT_TRUE(scene.document()["NetworkSettings"]["Networks"].contains("none"));
  scene.record.network = "container:abc";
  scene.record.networks = {{.network = "container:abc"}};
  EXPECT_EQ(scene.document()["NetworkSettings"]["Networks"].dump(), "{}");
  EXPECT_EQ(scene.document()["HostConfig"]["NetworkMode"], "container:abc");
}

TEST(InspectNetworks, KeepsWhatWasAskedFor) {
  Scene scene;
  scene.record.names = {{"1.1.1.1"}, {"a.test"}, {"ndots:2"}, {"db:10.1.2.3"}};
  auto config = scene.document()["HostConfig"];
  EXPECT_EQ(config["PortBindings"].dump(), R"({"80/tcp":[{"HostIp":"","HostPort":"8000-8010"}]})");
  EXPECT_EQ(config["PublishAllPorts"], false);
  EXPECT_EQ(config["Dns"].dump(), R"(["1.1.1.1"])");
  EXPECT_EQ(config["DnsSearch"].dump(), R"(["a.test"])");
  EXPECT_EQ(config["DnsOptions"].dump(), R"(["ndots:2"])");
  EXPECT_EQ(config["ExtraHosts"].dump(), R"(["db:10.1.2.3"])");
  EXPECT_EQ(Scene().document()["HostConfig"]["Dns"].dump(), "[]");
  EXPECT_EQ(Scene().document()["HostConfig"]["ExtraHosts"], nullptr);
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle

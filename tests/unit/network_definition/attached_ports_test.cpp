#include "runtime/network/definition/attached_ports.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::network {
namespace {

Attachment sample() {
  Attachment attachment;
  attachment.endpoints.resize(1);
  attachment.endpoints.front().network_name = "ports";
  attachment.endpoints.front().names = {"\"ports\":[", "ports"};
  attachment.ports = {
      {Address(), 8080, 80, Protocol::kTcp, *Address::parse("10.66.0.3")},
      {*Address::parse("::1"), 65535, 53, Protocol::kUdp, *Address::parse("fd00::3")}};
  return attachment;
}

TEST(ScanPorts, ReadsWhatIsWritten) {
  const auto ports = scan_ports(to_json(sample()));
  ASSERT_TRUE(ports) << to_json(sample());
  ASSERT_EQ(ports->size(), 2u);
  EXPECT_EQ((*ports)[0].host_port, 8080);
  EXPECT_EQ((*ports)[0].container_port, 80);
  EXPECT_EQ((*ports)[0].target.to_text(), "10.66.0.3");
  EXPECT_EQ((*ports)[1].host_address.to_text(), "::1");
  EXPECT_EQ((*ports)[1].protocol, Protocol::kUdp);
}

TEST(ScanPorts, ReadsAnEmptyList) {
  const auto ports = scan_ports(to_json(Attachment()));
  ASSERT_TRUE(ports);
  EXPECT_TRUE(ports->empty());
}

TEST(ScanPorts, LeavesAllElseToTheParser) {
  std::string text = to_json(sample());
  EXPECT_FALSE(scan_ports(""));
  EXPECT_FALSE(scan_ports("{}"));
  EXPECT_FALSE(scan_ports(text.substr(0, text.rfind("target"))));
  for (const char* word : {"8080", "\"udp\"", "fd00::3", "hostPort"}) {
    std::string broken = text;
    broken.replace(broken.find(word), 2, "xx");
    EXPECT_FALSE(scan_ports(broken)) << broken;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::network

#include <gtest/gtest.h>

#include "runtime/engine/networks.h"

namespace mycontainer::runtime::engine {
namespace {

using network::Protocol;
using Texts = std::vector<std::string>;

TEST(Ports, AreExposedByTheImageTheOptionAndTheirPublication) {
  RunRequest request;
  request.expose = {"81/tcp", "80/tcp"};
  request.ports = {
      {.host_address = {}, .host_port = 1, .container_port = 53, .protocol = Protocol::kUdp}};
  EXPECT_EQ(exposed_ports(request, {"80/tcp"}), (Texts{"80/tcp", "81/tcp", "53/udp"}));
}

TEST(Ports, AreOnlyPublishedWhenAskedFor) {
  RunRequest request;
  EXPECT_TRUE(published_ports(request, {"80/tcp"}).empty());
  request.publish_all = true;
  request.ports = {{.host_address = {}, .host_port = 8080, .container_port = 80}};
  const auto ports = published_ports(request, {"80/tcp", "80/udp", "90-91/sctp"});
  ASSERT_EQ(ports.size(), 4u);
  EXPECT_EQ(ports[0].host_port, 8080);
  EXPECT_EQ(ports[1].host_port, 0);
  EXPECT_EQ(ports[1].protocol, Protocol::kUdp);
  EXPECT_EQ(ports[3].container_port, 91);
  EXPECT_EQ(ports[3].protocol, Protocol::kSctp);
}

}  // namespace
}  // namespace mycontainer::runtime::engine

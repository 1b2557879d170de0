#include "cmd/options/publish_options.h"

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::network::PortMapping;
using runtime::network::to_text;

// "ADDRESS HOST-LAST:PORT/PROTOCOL" of each.
std::vector<std::string> published(const std::vector<const char*>& options) {
  std::vector<std::string> texts;
  for (const PortMapping& port : request_with(options).ports) {
    texts.push_back(fmt::format("{} {}-{}:{}/{}", port.host_address, port.host_port,
                                port.host_port_last, port.container_port, to_text(port.protocol)));
  }
  return texts;
}
using Texts = std::vector<std::string>;

TEST(Publish, TakesEveryFormOfDockers) {
  EXPECT_EQ(published({"-p", "8080:80"}), Texts{" 8080-0:80/tcp"});
  EXPECT_EQ(published({"-p80"}), Texts{" 0-0:80/tcp"});
  EXPECT_EQ(published({"-p", "0:80"}), Texts{" 0-0:80/tcp"});
  EXPECT_EQ(published({"--publish=127.0.0.1:8080:80"}), Texts{"127.0.0.1 8080-0:80/tcp"});
  EXPECT_EQ(published({"-p", "127.0.0.1::80/udp"}), Texts{"127.0.0.1 0-0:80/udp"});
  EXPECT_EQ(published({"-p", "[::1]:8080:80/sctp"}), Texts{"::1 8080-0:80/sctp"});
  EXPECT_EQ(published({"-p", "::1:8080:80/TCP"}), Texts{"::1 8080-0:80/tcp"});
  EXPECT_EQ(published({"-p", "published=8080,target=80,protocol=udp"}), Texts{" 8080-0:80/udp"});
}

TEST(Publish, TakesRanges) {
  EXPECT_EQ(published({"-p", "8000-8002:80-82"}),
            (Texts{" 8000-0:80/tcp", " 8001-0:81/tcp", " 8002-0:82/tcp"}));
  EXPECT_EQ(published({"-p", "8000-8010:80"}), Texts{" 8000-8010:80/tcp"});
  EXPECT_EQ(published({"-p", "80-81"}), (Texts{" 0-0:80/tcp", " 0-0:81/tcp"}));
  EXPECT_EQ(published({"-p", "65535:65535"}), Texts{" 65535-0:65535/tcp"});
}

TEST(Publish, RefusesWhatIsNone) {
  expect_errors({
      {{"-p", ""}, "no port specified"},
      {{"-p", "8080:"}, "no port specified"},
      {{"-p", "8080:0"}, "invalid containerPort: 0"},
      {{"-p", "65536"}, "invalid containerPort: 65536"},
      {{"-p", "65536:80"}, "invalid hostPort: 65536"},
      {{"-p", "0-5:80"}, "invalid hostPort: 0-5"},
      {{"-p", "80-79"}, "invalid containerPort: 80-79"},
      {{"-p", "8000-8001:80-82"}, "invalid ranges specified for container and host Ports"},
      {{"-p", "8000:80-82"}, "invalid ranges specified for container and host Ports"},
      {{"-p", "80/icmp"}, "invalid proto: icmp"},
      {{"-p", "80/"}, "invalid proto: "},
      {{"-p", "localhost:80:80"}, "invalid IP address: localhost"},
      {{"-p", "a:b:c:d"}, "invalid IP address: a:b"},
      {{"-p", "target=80,colour=red"}, "should be name=value but got 'colour=red'"},
      {{"--expose", "80:80"}, "invalid port format for --expose: 80:80"},
      {{"--expose", "x"}, "invalid range format for --expose: x"},
      {{"--expose", "0"}, "invalid range format for --expose: 0"},
  });
}

TEST(Publish, RefusesAPortTwice) {
  expect_errors({
      {{"-p", "8080:80", "-p", "8080:81"}, "host port 8080/tcp is published twice"},
      {{"-p", "8080:80", "-p", "127.0.0.1:8080:81"}, "host port 8080/tcp is published twice"},
      {{"-p", "0.0.0.0:8080:80", "-p", "127.0.0.1:8080:81"}, "host port 8080/tcp"},
      {{"-p", "80", "-p", "80"}, "container port 80/tcp is published twice"},
      {{"-p", "8000-8001:80", "-p", "8000-8001:80"}, "host port 8000/tcp is published twice"},
  });
  EXPECT_EQ(published({"-p", "8080:80", "-p", "8080:80/udp"}).size(), 2u);
  EXPECT_EQ(published({"-p", "127.0.0.1:8080:80", "-p", "127.0.0.2:8080:80"}).size(), 2u);
  EXPECT_EQ(published({"-p", "0.0.0.0:8080:80", "-p", "[::]:8080:80"}).size(), 2u);
  EXPECT_EQ(published({"-p", "8000-8010:80", "-p", "8000-8010:81"}).size(), 2u);
  EXPECT_EQ(published({"-p", "8080:80", "-p", "8081:80"}).size(), 2u);
}

TEST(Expose, TakesRanges) {
  EXPECT_EQ(request_with({"--expose", "80", "--expose=8000-8001/udp"}).expose,
            (Texts{"80/tcp", "8000/udp", "8001/udp"}));
  EXPECT_TRUE(request_with({"-P"}).publish_all);
}

}  // namespace
}  // namespace mycontainer::cmd::options

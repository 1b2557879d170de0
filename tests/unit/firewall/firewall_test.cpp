#include "runtime/network/firewall/firewall.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>

#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::network {
namespace {

PublishedPort port(const std::string& host, std::uint16_t number, const std::string& target,
                   std::uint16_t inside, Protocol protocol = Protocol::kTcp) {
  return {*Address::parse(host), number, inside, protocol, *Address::parse(target)};
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

TEST(Firewall, Lists) {
  SKIP_UNLESS_ROOT();
  const test::TemporaryDirectory state;
  test::in_namespaces(CLONE_NEWNET, [&] {
    auto firewall = Firewall::open({"", "/tmp/fw-state", {}});
    ASSERT_TRUE(firewall);
    auto done = firewall->add_bridge({"mc0"});
    ASSERT_TRUE(done) << done.error().message() << done.error().hint;
    done = firewall->publish(std::vector{port("0.0.0.0", 80, "10.66.0.2", 8080),
                                         port("fd00::7", 80, "fd00::2", 8080, Protocol::kUdp)});
    ASSERT_TRUE(done) << done.error().message() << done.error().hint;
    puts(output_of("nft list ruleset").c_str());
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network

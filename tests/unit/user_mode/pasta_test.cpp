#include "runtime/network/user_mode/pasta.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mycontainer::runtime::network {
namespace {

const Route kIpv4{*Subnet::parse("0.0.0.0/0"), 2, "eth0"};
const Route kIpv6{*Subnet::parse("::/0"), 2, "eth0"};

PublishedPort port(const char* address, int host_port, int container_port,
                   Protocol protocol = Protocol::kTcp) {
  return {*Address::parse(address), static_cast<std::uint16_t>(host_port),
          static_cast<std::uint16_t>(container_port), protocol, Address()};
}

// All arguments as one line, each between spaces.
std::string line(const Addressing& addressing, const std::vector<PublishedPort>& ports = {}) {
  const auto arguments = pasta_arguments(addressing, ports);
  EXPECT_TRUE(arguments);
  std::string text = " ";
  for (const std::string& argument : *arguments) text += argument + " ";
  return text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(" " + part + " ") != std::string::npos;
}

TEST(PastaArguments, NothingLeadsToTheHostsLoopbackInterface) {
  const std::string text = line(choose_addressing({kIpv4}));
  EXPECT_TRUE(has(text, "--no-map-gw"));
  EXPECT_TRUE(has(text, "--tcp-ns none"));
  EXPECT_TRUE(has(text, "--udp-ns none"));
}

TEST(PastaArguments, WithoutPublishedPortsNoneIsForwarded) {
  const std::string text = line(choose_addressing({kIpv4}));
  EXPECT_TRUE(has(text, "--tcp-ports none"));
  EXPECT_TRUE(has(text, "--udp-ports none"));
  EXPECT_TRUE(has(text, "--netns /proc/self/fd/0"));
}

TEST(PastaArguments, WithoutAWayOutByIpv6ThereIsIpv4Only) {
  const std::string text = line(choose_addressing({kIpv4}));
  EXPECT_TRUE(has(text, "--ipv4-only"));
  EXPECT_TRUE(has(text, "--address 10.65.0.100 --netmask 24 --gateway 10.65.0.2"));
  EXPECT_FALSE(has(text, "--interface"));
}

TEST(PastaArguments, BothFamiliesWhereTheHostHasBoth) {
  const std::string text = line(choose_addressing({kIpv4, kIpv6}));
  EXPECT_TRUE(has(text, "--address fd6d:7963:6f6e::64 --gateway fd6d:7963:6f6e::2"));
  EXPECT_TRUE(has(text, "--interface eth0"));
  EXPECT_FALSE(has(text, "--ipv4-only"));
}

TEST(PastaArguments, OfflineItLooksAtTheLoopbackInterface) {
  EXPECT_TRUE(has(line(choose_addressing({})), "--interface lo"));
}

TEST(PastaArguments, APortOfAllAddressesIsNamedOnce) {
  const std::string text =
      line(choose_addressing({kIpv4, kIpv6}), {port("0.0.0.0", 8080, 80), port("::", 8080, 80)});
  EXPECT_TRUE(has(text, "--tcp-ports 8080:80 --udp-ports none"));
}

TEST(PastaArguments, APortOfOneAddressSaysSo) {
  const std::string text =
      line(choose_addressing({kIpv4}),
           {port("127.0.0.1", 8080, 80), port("0.0.0.0", 53, 53, Protocol::kUdp)});
  EXPECT_TRUE(has(text, "--tcp-ports 127.0.0.1/8080:80"));
  EXPECT_TRUE(has(text, "--udp-ports 0.0.0.0/53:53"));
}

TEST(PastaArguments, SctpIsRefused) {
  const auto arguments =
      pasta_arguments(choose_addressing({kIpv4}), {port("0.0.0.0", 132, 132, Protocol::kSctp)});
  ASSERT_FALSE(arguments);
  EXPECT_EQ(arguments.error().message(), "pasta cannot publish port 132/sctp: it has tcp and udp");
}

}  // namespace
}  // namespace mycontainer::runtime::network

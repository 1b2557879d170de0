#include "runtime/engine/host_files.h"

#include <gtest/gtest.h>

#include <string>

#include "runtime/engine/resolv_conf.h"

namespace mycontainer::runtime::engine {
namespace {

using network::Address;
using network::Kind;
using Words = std::vector<std::string>;

HostFiles member(const std::string& address) {
  HostFiles files{.hostname = "box", .kind = Kind::kMember};
  files.addresses = {*Address::parse(address)};
  return files;
}

TEST(HostFiles, NameLocalhostAndTheContainer) {
  const std::string text = *hosts_text({.hostname = "box"}, {});
  EXPECT_TRUE(text.starts_with("127.0.0.1\tlocalhost\n::1\tlocalhost ")) << text;
  EXPECT_TRUE(text.ends_with("\n127.0.1.1\tbox\n")) << text;
  EXPECT_EQ(hostname_text("box"), "box\n");
}

TEST(HostFiles, HaveALineForEachAddress) {
  HostFiles files = member("10.0.0.2");
  files.addresses.push_back(*Address::parse("fd00::2"));
  EXPECT_TRUE(hosts_text(files, {})->ends_with("\n10.0.0.2\tbox\nfd00::2\tbox\n"));
  files.domainname = "example.org";
  EXPECT_TRUE(hosts_text(files, {})->ends_with("\nfd00::2\tbox.example.org box\n"));
}

TEST(HostFiles, EndWithWhatWasAddedToThem) {
  HostFiles files = member("10.0.0.2");
  files.gateway = Address::parse("10.0.0.1");
  files.names.hosts = {"db:10.9.9.9", "six:fd00::9", "host.internal:host-gateway"};
  EXPECT_TRUE(hosts_text(files, {})->ends_with(
      "\tbox\n10.9.9.9\tdb\nfd00::9\tsix\n10.0.0.1\thost.internal\n"));
  files.gateway.reset();
  const auto refused = hosts_text(files, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("host-gateway"), std::string::npos);
}

TEST(HostFiles, OfTheHostsNetworkAreTheHosts) {
  HostFiles files{.hostname = "box", .kind = Kind::kHost};
  const HostTexts host{"127.0.0.1 localhost\n10.1.1.1 machine", "nameserver 127.0.0.53\n# x\n", ""};
  files.names.hosts = {"gate:host-gateway"};
  EXPECT_EQ(*hosts_text(files, host), "127.0.0.1 localhost\n10.1.1.1 machine\n127.0.0.1\tgate\n");
  EXPECT_EQ(resolv_conf_text(files, host), host.resolv_conf);
  files.names.search = {"example.org"};
  EXPECT_EQ(resolv_conf_text(files, host), "nameserver 127.0.0.53\nsearch example.org\n");
}

TEST(HostFiles, LeaveOutNameServersThatAreTheHostsOwn) {
  const HostTexts host{"",
                       "# made by hand\n"
                       "nameserver 127.0.0.53\n"
                       "nameserver\t127.1.2.3\t# near\n"
                       "nameserver ::1\n"
                       "nameserver ::1%lo\n"
                       "nameserver 10.0.0.1\n"
                       "nameserver 2001:db8::1\n"
                       "nameserver 1.127.0.0\n"
                       "search example.org\n"
                       "options ndots:2",
                       "nameserver 10.5.5.5\n"};
  EXPECT_EQ(resolv_conf_text(member("10.0.0.2"), host),
            "nameserver 10.0.0.1\n"
            "nameserver 2001:db8::1\n"
            "nameserver 1.127.0.0\n"
            "search example.org\n"
            "options ndots:2\n");
}

TEST(HostFiles, TakeTheServersBehindResolvedAndNeverStrangers) {
  HostTexts host{"", "nameserver 127.0.0.53\noptions edns0\nsearch lan\n", ""};
  EXPECT_EQ(resolv_conf_text(member("10.0.0.2"), host), "search lan\noptions edns0\n");
  host.resolved = "nameserver 192.168.1.1\nnameserver 127.0.0.1\nsearch other\n";
  EXPECT_EQ(resolv_conf_text(member("10.0.0.2"), host),
            "nameserver 192.168.1.1\nsearch lan\noptions edns0\n");
}

TEST(HostFiles, SayWhatWasAskedFor) {
  HostFiles files = member("10.0.0.2");
  const HostTexts host{"", "nameserver 10.0.0.1\nsearch lan\noptions edns0 ndots:3\n", ""};
  files.names.servers = {"9.9.9.9", "fd00::1"};
  EXPECT_EQ(resolv_conf_text(files, host),
            "nameserver 9.9.9.9\nnameserver fd00::1\nsearch lan\noptions edns0 ndots:3\n");
  files.names.options = {"timeout:1"};
  files.names.search = {"a.example", "b.example"};
  EXPECT_EQ(resolv_conf_text(files, host),
            "nameserver 9.9.9.9\nnameserver fd00::1\nsearch a.example b.example\n"
            "options timeout:1\n");
  files.names.search = {"."};
  EXPECT_EQ(resolv_conf_text(files, host),
            "nameserver 9.9.9.9\nnameserver fd00::1\noptions timeout:1\n");
}

TEST(HostFiles, LeadToTheNameServiceWhereThereIsOne) {
  HostFiles files = member("10.0.0.2");
  files.name_service = true;
  const HostTexts host{"", "nameserver 127.0.0.53\nsearch lan\noptions edns0 ndots:3\n", ""};
  EXPECT_EQ(resolv_conf_text(files, host),
            "nameserver 127.0.0.11\nsearch lan\noptions edns0 ndots:0\n");
  files.names.servers = {"9.9.9.9"};
  files.names.options = {"ndots:2"};
  EXPECT_EQ(resolv_conf_text(files, host), "nameserver 127.0.0.11\nsearch lan\noptions ndots:2\n");
  EXPECT_EQ(name_servers(files.names, host), Words{"9.9.9.9"});
  EXPECT_EQ(name_servers({}, host), Words{"127.0.0.53"});
}

TEST(ResolvConf, IsReadAsTheResolverReadsIt) {
  const ResolvConf conf = parse_resolv_conf(
      "nameserver127.0.0.1\n#nameserver 127.0.0.1\nnameserver\n nameserver 1.1.1.1\n"
      "domain one.example\nsearch two.example three.example\r\noptions a b\noptions c\n;x\n");
  EXPECT_EQ(conf.servers, Words{});
  EXPECT_EQ(conf.search, (Words{"two.example", "three.example"}));
  EXPECT_EQ(conf.options, (Words{"a", "b", "c"}));
  EXPECT_EQ(to_text(parse_resolv_conf("")), "");
}

}  // namespace
}  // namespace mycontainer::runtime::engine

#include "runtime/engine/host_files.h"

#include <gtest/gtest.h>

#include <string>

namespace mycontainer::runtime::engine {
namespace {

TEST(HostFiles, NameLocalhostAndTheContainer) {
  const std::string text = hosts_text("box");
  EXPECT_TRUE(text.starts_with("127.0.0.1\tlocalhost\n::1\tlocalhost ")) << text;
  EXPECT_TRUE(text.ends_with("\n127.0.1.1\tbox\n")) << text;
  EXPECT_TRUE(hosts_text("box", "10.0.0.2").ends_with("\n10.0.0.2\tbox\n"));
  EXPECT_EQ(hostname_text("box"), "box\n");
}

TEST(HostFiles, LeaveOutNameServersThatAreTheHostsOwn) {
  EXPECT_EQ(resolv_conf_text("# made by hand\n"
                             "nameserver 127.0.0.53\n"
                             "nameserver\t127.1.2.3\t# near\n"
                             "nameserver ::1\n"
                             "nameserver ::1%lo\n"
                             "nameserver 10.0.0.1\n"
                             "nameserver 2001:db8::1\n"
                             "nameserver 1.127.0.0\n"
                             "search example.org\n"
                             "options ndots:2"),
            "# made by hand\n"
            "nameserver 10.0.0.1\n"
            "nameserver 2001:db8::1\n"
            "nameserver 1.127.0.0\n"
            "search example.org\n"
            "options ndots:2\n");
}

TEST(HostFiles, KeepLinesThatOnlyLookLikeNameServers) {
  EXPECT_EQ(resolv_conf_text("nameserver127.0.0.1\n#nameserver 127.0.0.1\nnameserver\n"),
            "nameserver127.0.0.1\n#nameserver 127.0.0.1\nnameserver\n");
  EXPECT_EQ(resolv_conf_text(""), "");
}

}  // namespace
}  // namespace mycontainer::runtime::engine

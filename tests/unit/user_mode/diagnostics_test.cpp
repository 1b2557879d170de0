#include "runtime/network/user_mode/diagnostics.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::network {
namespace {

TEST(Diagnostics, TheLastLineIsTheReason) {
  EXPECT_EQ(reason_in("No external routable interface for IPv6\nExternal interface not usable\n"),
            "External interface not usable");
}

TEST(Diagnostics, AMissingSyslogIsNoReason) {
  EXPECT_EQ(
      reason_in("Failed to open tun socket in namespace\nFailed to send 45 bytes to syslog\n"),
      "Failed to open tun socket in namespace");
}

TEST(Diagnostics, ThatItEndsIsKnown) {
  EXPECT_EQ(reason_in("Failed to bind any port for '-t 80:80', exiting\n"),
            "Failed to bind any port for '-t 80:80'");
}

TEST(Diagnostics, NothingDrivesATerminal) { EXPECT_EQ(reason_in("\x1b[2Jbad\a\n"), "[2Jbad"); }

TEST(Diagnostics, SilenceIsEmpty) { EXPECT_EQ(reason_in("\n\n"), ""); }

}  // namespace
}  // namespace mycontainer::runtime::network

#include "runtime/network/netlink/devices.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>

#include <cstdlib>

#include "reexec/sys/file.h"
#include "tests/support/in_namespaces.h"

namespace mycontainer::runtime::network {
namespace {

bool shell(const std::string& command) { return std::system(command.c_str()) == 0; }

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

// Another network namespace than the caller's, who stays where it is.
UniqueFd new_namespace() {
  const auto here = sys::open_at(AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
  EXPECT_EQ(::unshare(CLONE_NEWNET), 0);
  auto made = sys::open_at(AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
  EXPECT_EQ(::setns(here->get(), CLONE_NEWNET), 0);
  return std::move(*made);
}

#define SKIP_WITHOUT_IP() \
  SKIP_UNLESS_ROOT();     \
  if (!shell("command -v ip >/dev/null")) GTEST_SKIP() << "ip (iproute2) is not installed"

TEST(MoveNetDevices, MovesRenamesKeepsPermanentGlobalAddressesAndSetsUp) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    ASSERT_TRUE(
        shell("ip link add dum0 type veth peer name dum1 && ip link set dum0 mtu 1400 && "
              "ip addr add 192.0.2.7/24 brd + dev dum0 && "
              "ip -6 addr add 2001:db8::7/64 dev dum0 nodad && "
              "ip addr add 198.51.100.1/24 dev dum0 valid_lft 600 preferred_lft 600 && "
              "ip link add plain type veth peer name plain1"));
    const UniqueFd inside = new_namespace();
    // The other ends are there: without anybody in it this namespace would end, and they with it.
    const auto outside = sys::open_at(AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
    const auto moved = move_net_devices({{"dum0", {"ctr0"}}, {"plain", {}}}, inside.get());
    ASSERT_TRUE(moved) << moved.error().message();
    EXPECT_EQ(::if_nametoindex("dum0"), 0u);  // and the thread is back where it was

    ASSERT_EQ(::setns(inside.get(), CLONE_NEWNET), 0);
    const std::string shown = output_of("ip addr show dev ctr0");
    EXPECT_NE(shown.find("inet 192.0.2.7/24 brd 192.0.2.255 scope global"), shown.npos) << shown;
    EXPECT_NE(shown.find("inet6 2001:db8::7/64 scope global"), shown.npos) << shown;
    EXPECT_EQ(shown.find("198.51.100.1"), shown.npos) << shown;
    EXPECT_NE(shown.find("mtu 1400"), shown.npos) << shown;
    EXPECT_NE(shown.find(",UP"), shown.npos) << shown;
    EXPECT_NE(::if_nametoindex("plain"), 0u);
  });
}

TEST(MoveNetDevices, MovesNothingWhenOneIsNotThere) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    ASSERT_TRUE(shell("ip link add dum0 type veth peer name dum1"));
    const UniqueFd inside = new_namespace();
    const auto moved = move_net_devices({{"dum0", {}}, {"missing", {}}}, inside.get());
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, ENODEV);
    EXPECT_EQ(moved.error().operation.rfind("linux.netDevices.missing: ", 0), 0u);
    EXPECT_NE(::if_nametoindex("dum0"), 0u);
  });
}

TEST(MoveNetDevices, RefusesANameThatIsTakenInside) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    ASSERT_TRUE(shell("ip link add dum0 type veth peer name dum1"));
    const UniqueFd inside = new_namespace();
    const auto moved = move_net_devices({{"dum0", {"lo"}}}, inside.get());
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, EEXIST);
    EXPECT_EQ(moved.error().hint, "lo is there already in the container");
  });
}

TEST(MoveNetDevices, SaysThatADeviceMayNotMove) {
  SKIP_WITHOUT_IP();
  test::in_namespaces(CLONE_NEWNET, [] {
    const UniqueFd inside = new_namespace();
    const auto moved = move_net_devices({{"lo", {"lo1"}}}, inside.get());
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, EINVAL);
    EXPECT_EQ(moved.error().hint, "the kernel does not let this kind of device move");
  });
}

TEST(MoveNetDevices, HasNothingToDoWithoutDevices) { EXPECT_TRUE(move_net_devices({}, -1)); }

}  // namespace
}  // namespace mycontainer::runtime::network

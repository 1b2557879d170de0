#include "runtime/init/procfs.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "reexec/sys/file.h"
#include "tests/support/in_namespaces.h"

namespace mycontainer::runtime::init {
namespace {

TEST(Procfs, FindsASysctlAsTheSysctlProgramDoes) {
  EXPECT_EQ(sysctl_path("kernel.msgmax"), "sys/kernel/msgmax");
  EXPECT_EQ(sysctl_path("net.ipv4.conf.eth0/100.forwarding"),
            "sys/net/ipv4/conf/eth0.100/forwarding");
  EXPECT_EQ(sysctl_path("net/ipv4/conf/eth0.100/forwarding"),
            "sys/net/ipv4/conf/eth0.100/forwarding");
}

TEST(Procfs, IsOneThatNothingIsMountedOver) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNS | CLONE_NEWIPC, [] {
    // The kernel's file is covered in the procfs that is mounted, as by a volume on /proc/sys.
    ASSERT_EQ(::mount("tmpfs", "/proc/sys/kernel", "tmpfs", 0, nullptr), 0);
    ASSERT_TRUE(
        sys::write_file_at(AT_FDCWD, "/proc/sys/kernel/msgmax", "fake", O_WRONLY | O_CREAT, 0600));
    const auto procfs = open_private_procfs();
    ASSERT_TRUE(procfs) << procfs.error().message();
    const auto written = write_procfs(procfs->get(), sysctl_path("kernel.msgmax"), "4242");
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(sys::read_file_at(procfs->get(), "sys/kernel/msgmax").value(), "4242\n");
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, "/proc/sys/kernel/msgmax").value(), "fake");
  });
}

TEST(Procfs, DoesNotWriteThroughAMountOrAMagicLink) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNS, [] {
    ASSERT_EQ(::mount("/dev/null", "/proc/self/oom_score_adj", nullptr, MS_BIND, nullptr), 0);
    const auto procfs = sys::open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY);
    ASSERT_TRUE(procfs);
    EXPECT_EQ(write_procfs(procfs->get(), "self/oom_score_adj", "0").error().code, EXDEV);
    EXPECT_EQ(write_procfs(procfs->get(), "self/root/proc/self/comm", "x").error().code, ELOOP);
  });
}

}  // namespace
}  // namespace mycontainer::runtime::init

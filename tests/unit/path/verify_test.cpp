#include "rootfs/path/verify.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "reexec/sys/unique_fd.h"
#include "tests/support/in_namespaces.h"

namespace mycontainer::rootfs::path {
namespace {

UniqueFd open_path(const char* path) { return UniqueFd(::open(path, O_PATH | O_CLOEXEC)); }

TEST(VerifyNullDevice, TakesOnlyTheNullDevice) {
  EXPECT_TRUE(verify_null_device(open_path("/dev/null").get()));
  for (const char* other : {"/dev/zero", "/dev/full", "/etc/passwd", "/", "/proc/sysrq-trigger"}) {
    EXPECT_FALSE(verify_null_device(open_path(other).get())) << other;
  }
  EXPECT_FALSE(verify_null_device(-1));
}

TEST(VerifyPtmx, TakesOnlyThePtmxOfADevpts) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNS, [] {
    ASSERT_EQ(::mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666"), 0);
    EXPECT_TRUE(verify_ptmx(open_path("/dev/pts/ptmx").get()));
    ASSERT_EQ(::mount("tmpfs", "/tmp", "tmpfs", 0, ""), 0);
    ASSERT_EQ(::mknod("/tmp/ptmx", S_IFCHR | 0666, makedev(5, 2)), 0);
    EXPECT_FALSE(verify_ptmx(open_path("/tmp/ptmx").get()));  // right number, wrong filesystem
    EXPECT_FALSE(verify_ptmx(open_path("/dev/null").get()));
  });
}

}  // namespace
}  // namespace mycontainer::rootfs::path

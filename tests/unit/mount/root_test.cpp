#include "rootfs/mount/root.h"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <string>

#include "tests/unit/mount/scene.h"

namespace mycontainer::rootfs::mount {
namespace {

using test::expect_ok;
using test::in_namespaces;
using test::mount_one;
using test::mounts_on;

UniqueFd new_root() {
  auto mounted = prepare(*plan_mount("/new", "tmpfs", "newroot", {}));
  EXPECT_TRUE(mounted) << mounted.error().message();
  return mounted ? std::move(*mounted) : UniqueFd();
}

TEST(EnterRoot, ReplacesTheRootAndLeavesNothingOfTheOld) {
  SKIP_UNLESS_ROOT();
  in_namespaces(CLONE_NEWNS, [] {
    const UniqueFd root = new_root();
    auto proc = plan_mount("/proc", "proc", "proc", {});
    const auto prepared = prepare(*proc);
    ASSERT_TRUE(prepared);
    expect_ok(attach_root(root.get()));
    expect_ok(enter_root(root.get()));
    expect_ok(attach(root.get(), *proc, prepared->get()));  // while the old root is still there
    expect_ok(detach_old_root());
    EXPECT_NE(::access("/etc", F_OK), 0);
    EXPECT_EQ(::access("/proc/self", F_OK), 0);
    const auto text = sys::read_file_at(AT_FDCWD, "/proc/self/mountinfo");
    ASSERT_TRUE(text);
    const auto mounts = parse_mountinfo(*text);
    ASSERT_EQ(mounts.size(), 2u) << *text;
    EXPECT_EQ(mounts[0].mount_point, "/");
    EXPECT_EQ(mounts[0].source, "newroot");
    EXPECT_EQ(::mkdir("/made-in-new-root", 0755), 0);
  });
  EXPECT_NE(::access("/made-in-new-root", F_OK), 0);
}

TEST(EnterRoot, WorksFromWithinANewRootToo) {
  SKIP_UNLESS_ROOT();
  in_namespaces(CLONE_NEWNS, [] {
    for (int depth = 0; depth < 3; ++depth) {
      const UniqueFd root = new_root();
      expect_ok(attach_root(root.get()));
      expect_ok(enter_root(root.get()));
      expect_ok(detach_old_root());
      ASSERT_EQ(::mkdir(("/depth" + std::to_string(depth)).c_str(), 0755), 0);
    }
    EXPECT_NE(::access("/depth0", F_OK), 0);
    EXPECT_EQ(::access("/depth2", F_OK), 0);
  });
}

TEST(EnterRoot, RefusesADirectoryThatIsNoMount) {
  SKIP_UNLESS_ROOT();
  const test::TemporaryDirectory directory;
  in_namespaces(CLONE_NEWNS, [&] {
    const auto entered = enter_root(directory.open().get());
    ASSERT_FALSE(entered);
    EXPECT_EQ(entered.error().code, EBUSY);
  });
}

TEST(SetPropagation, MakesTheTreeAsAskedAndNamesThePathOtherwise) {
  SKIP_UNLESS_ROOT();
  in_namespaces(CLONE_NEWNS, [] {
    expect_ok(set_propagation("/", MS_SHARED, true));
    EXPECT_EQ(mounts_on("/").at(0).optional_fields.size(), 1u);
    expect_ok(set_propagation("/", MS_PRIVATE, true));
    EXPECT_TRUE(mounts_on("/").at(0).optional_fields.empty());
    const auto missing = set_propagation("/no/such/mount", MS_PRIVATE, false);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message().find("/no/such/mount"), std::string::npos);
  });
}

}  // namespace
}  // namespace mycontainer::rootfs::mount

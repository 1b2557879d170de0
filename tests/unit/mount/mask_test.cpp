#include "rootfs/mount/mask.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "tests/unit/mount/scene.h"

namespace mycontainer::rootfs::mount {
namespace {

using test::expect_ok;
using test::has;
using test::in_namespaces;
using test::mount_one;
using test::mounts_on;
using test::TemporaryDirectory;

UniqueFd null_device() { return UniqueFd(::open("/dev/null", O_PATH | O_CLOEXEC)); }

TEST(MaskPaths, HidesFilesAndDirectoriesAndPassesOverTheMissing) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  root.make_file("file", "secret");
  root.make_directory("one");
  root.make_directory("two");
  root.make_file("one/inside", "secret");
  root.make_link("/file", "link");
  in_namespaces(CLONE_NEWNS, [&] {
    expect_ok(mask_paths(root.open().get(),
                         {"/file", "/one", "/missing", "/file/below", "/two", "/missing/too"},
                         null_device().get()));
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, root / "file").value_or("?"), "");
    EXPECT_NE(::access((root / "one/inside").c_str(), F_OK), 0);
    for (const char* name : {"one", "two"}) {
      const auto mounts = mounts_on(root / name);
      ASSERT_EQ(mounts.size(), 1u) << name;
      EXPECT_EQ(mounts[0].type, "tmpfs");
      EXPECT_TRUE(has(mounts[0].options, "ro")) << name;
      EXPECT_LT(::mkdir((root / (std::string(name) + "/new")).c_str(), 0755), 0);
    }
    EXPECT_EQ(mounts_on(root / "one")[0].minor, mounts_on(root / "two")[0].minor);
    EXPECT_NE(::access((root / "missing").c_str(), F_OK), 0);
  });
}

TEST(MaskPaths, FollowsALinkOnlyInsideTheRoot) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory outside, root;
  outside.make_file("file", "untouched");
  root.make_link(outside / "file", "link");
  in_namespaces(CLONE_NEWNS, [&] {
    expect_ok(mask_paths(root.open().get(), {"/link"}, null_device().get()));
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, outside / "file").value_or("?"), "untouched");
  });
}

TEST(MaskPaths, RefusesAFalseNullDevice) {
  const TemporaryDirectory root;
  root.make_file("file");
  const auto masked = mask_paths(root.open().get(), {"/file"}, root.open("file").get());
  ASSERT_FALSE(masked);
  EXPECT_EQ(masked.error().message(), "/dev/null is not the character device 1:3");
}

TEST(MakePathsReadonly, FreezesATreeAndKeepsItsOtherOptions) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  root.make_directory("dir");
  root.make_directory("dir/sub");
  root.make_file("file", "x");
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    expect_ok(mount_one(fd.get(), "/dir/sub", "tmpfs", "tmpfs", {"noexec"}));
    expect_ok(make_paths_readonly(fd.get(), {"/dir", "/missing", "/file"}));
    EXPECT_LT(::mkdir((root / "dir/new").c_str(), 0755), 0);
    EXPECT_EQ(errno, EROFS);
    EXPECT_LT(::mkdir((root / "dir/sub/new").c_str(), 0755), 0);
    EXPECT_EQ(errno, EROFS);
    EXPECT_LT(::open((root / "file").c_str(), O_WRONLY), 0);
    const auto sub = mounts_on(root / "dir/sub");
    ASSERT_FALSE(sub.empty());
    EXPECT_TRUE(has(sub.back().options, "ro") && has(sub.back().options, "noexec"));
  });
}

const std::vector<std::string> kDockerMasks = {
    "/proc/asound",     "/proc/acpi",        "/proc/interrupts",
    "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
    "/proc/scsi",       "/sys/firmware",     "/sys/devices/virtual/powercap"};
const std::vector<std::string> kDockerReadonly = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                                  "/proc/sysrq-trigger"};

TEST(MaskPaths, DockersListTakesWellUnderAMillisecond) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  using Clock = std::chrono::steady_clock;
  auto best = Clock::duration::max();
  for (int round = 0; round < 10; ++round) {
    in_namespaces(CLONE_NEWNS, [&] {
      const UniqueFd fd = root.open();
      expect_ok(mount_one(fd.get(), "/proc", "proc", "proc", {}));
      expect_ok(mount_one(fd.get(), "/sys", "sysfs", "sysfs", {"ro"}));
      const UniqueFd null = null_device();
      const auto begin = Clock::now();
      expect_ok(mask_paths(fd.get(), kDockerMasks, null.get()));
      expect_ok(make_paths_readonly(fd.get(), kDockerReadonly));
      best = std::min(best, Clock::now() - begin);
      std::cout << "masks and read-only paths: "
                << std::chrono::duration_cast<std::chrono::microseconds>(best).count() << " us\n";
      EXPECT_LT(sys::read_file_at(AT_FDCWD, root / "proc/timer_list").value_or("").size(), 1u);
      EXPECT_LT(best, std::chrono::milliseconds(50));  // the bench measures; this finds blunders
      EXPECT_LT(::open((root / "proc/sys/kernel/core_pattern").c_str(), O_WRONLY), 0);
    });
  }
}

}  // namespace
}  // namespace mycontainer::rootfs::mount

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rootfs/mount/attributes.h"
#include "tests/unit/mount/scene.h"

namespace mycontainer::rootfs::mount {
namespace {

using test::expect_ok;
using test::has;
using test::in_namespaces;
using test::mount_one;
using test::mounts_on;
using test::TemporaryDirectory;

TEST(Mount, AttachesAContainersUsualFilesystems) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  in_namespaces(CLONE_NEWNS | CLONE_NEWIPC, [&] {
    const UniqueFd fd = root.open();
    expect_ok(mount_one(fd.get(), "/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
    expect_ok(mount_one(fd.get(), "/dev", "tmpfs", "tmpfs",
                        {"nosuid", "strictatime", "mode=755", "size=65536k"}));
    expect_ok(
        mount_one(fd.get(), "/dev/pts", "devpts", "devpts",
                  {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}));
    expect_ok(mount_one(fd.get(), "/dev/shm", "tmpfs", "shm",
                        {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}));
    expect_ok(
        mount_one(fd.get(), "/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
    expect_ok(mount_one(fd.get(), "/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}));
    const auto proc = mounts_on(root / "proc");
    ASSERT_EQ(proc.size(), 1u);
    EXPECT_EQ(proc[0].type, "proc");
    EXPECT_EQ(proc[0].source, "proc");
    EXPECT_TRUE(has(proc[0].options, "nosuid") && has(proc[0].options, "noexec"));
    EXPECT_TRUE(has(mounts_on(root / "sys").at(0).options, "ro"));
    const auto shm = mounts_on(root / "dev/shm");
    ASSERT_EQ(shm.size(), 1u);
    EXPECT_EQ(shm[0].source, "shm");
    EXPECT_TRUE(has(shm[0].super_options, "size=65536k"));
    EXPECT_FALSE(has(mounts_on(root / "dev").at(0).options, "relatime"));
    EXPECT_EQ(mounts_on(root / "dev/mqueue").size() + mounts_on(root / "dev/pts").size(), 2u);
  });
  EXPECT_TRUE(mounts_on(root / "proc").empty());  // nothing reached the host
}

TEST(Mount, SaysWhatTheFilesystemSaid) {
  SKIP_UNLESS_ROOT();
  in_namespaces(CLONE_NEWNS, [] {
    const auto bad = plan_mount("/x", "tmpfs", "tmpfs", {"size=banana"});
    ASSERT_TRUE(bad);
    const auto prepared = prepare(*bad);
    ASSERT_FALSE(prepared);
    EXPECT_NE(prepared.error().message().find("size=banana"), std::string::npos);
    EXPECT_NE(prepared.error().message().find("Bad value for 'size'"), std::string::npos)
        << prepared.error().message();
    const auto unknown = prepare(*plan_mount("/x", "nosuchfs", "", {}));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ENODEV);
    EXPECT_FALSE(unknown.error().hint.empty());
  });
}

TEST(Mount, BindsAFileAndADirectoryAndMakesTheirTargets) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory host, root;
  host.make_directory("dir");
  host.make_file("dir/hello", "from the host");
  host.make_file("file", "a file");
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    expect_ok(mount_one(fd.get(), "/a/b/dir", "bind", host / "dir", {"rbind", "ro", "rprivate"}));
    expect_ok(mount_one(fd.get(), "/etc/file", "bind", host / "file", {"bind"}));
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, root / "a/b/dir/hello").value_or(""), "from the host");
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, root / "etc/file").value_or(""), "a file");
    EXPECT_LT(::open((root / "a/b/dir/new").c_str(), O_CREAT | O_WRONLY, 0644), 0);
    EXPECT_EQ(errno, EROFS);
    const int writable = ::open((root / "etc/file").c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_GE(writable, 0);
    ::close(writable);
  });
}

TEST(Mount, BindsFromADescriptor) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory host, root;
  host.make_file("file", "a file");
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    const UniqueFd source = host.open("file");
    const auto plan = plan_mount("/copy", "bind", "not looked at", {"bind", "noexec"});
    ASSERT_TRUE(plan);
    const auto mounted = prepare_bind(*plan, source.get());
    ASSERT_TRUE(mounted) << mounted.error().message();
    expect_ok(attach(fd.get(), *plan, mounted->get()));
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, root / "copy").value_or(""), "a file");
    EXPECT_TRUE(has(mounts_on(root / "copy").at(0).options, "noexec"));
  });
}

// A source with another mount below it.
void make_tree(const TemporaryDirectory& host) {
  host.make_directory("tree");
  host.make_directory("tree/sub");
}

TEST(Mount, DistinguishesATreesOptionsFromTheTopsOwn) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory host, root;
  make_tree(host);
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    ASSERT_EQ(::mount("tmpfs", (host / "tree/sub").c_str(), "tmpfs", 0, ""), 0);
    expect_ok(mount_one(fd.get(), "/top", "bind", host / "tree", {"rbind", "ro"}));
    expect_ok(mount_one(fd.get(), "/all", "bind", host / "tree", {"rbind", "rro"}));
    expect_ok(mount_one(fd.get(), "/but", "bind", host / "tree", {"rbind", "rro", "rw"}));
    expect_ok(mount_one(fd.get(), "/one", "bind", host / "tree", {"bind", "ro"}));
    const auto readonly = [&](const std::string& name) {
      return has(mounts_on(root / name).at(0).options, "ro");
    };
    EXPECT_TRUE(readonly("top") && !readonly("top/sub"));
    EXPECT_TRUE(readonly("all") && readonly("all/sub"));
    EXPECT_TRUE(!readonly("but") && readonly("but/sub"));
    EXPECT_TRUE(readonly("one"));
    EXPECT_TRUE(mounts_on(root / "one/sub").empty());
  });
}

TEST(Mount, SetsThePropagationAskedFor) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory host, root;
  make_tree(host);
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    ASSERT_EQ(::mount("tmpfs", (host / "tree").c_str(), "tmpfs", 0, ""), 0);
    ASSERT_EQ(::mount(nullptr, (host / "tree").c_str(), nullptr, MS_SHARED, nullptr), 0);
    const auto fields = [&](const std::string& name, const std::string& option) {
      expect_ok(mount_one(fd.get(), "/" + name, "bind", host / "tree", {"rbind", option}));
      std::string text;
      const auto mounts = mounts_on(root / name);
      for (const auto& field : mounts.at(0).optional_fields) text += field;
      return text;
    };
    EXPECT_EQ(fields("shared", "rshared").rfind("shared:", 0), 0u);
    EXPECT_EQ(fields("slave", "rslave").rfind("master:", 0), 0u);
    EXPECT_EQ(fields("private", "rprivate"), "");
    EXPECT_EQ(fields("private2", "private"), "");
    EXPECT_EQ(fields("unbindable", "unbindable"), "unbindable");
    expect_ok(mount_one(fd.get(), "/fs", "tmpfs", "tmpfs", {"shared"}));
    EXPECT_EQ(mounts_on(root / "fs").at(0).optional_fields.size(), 1u);
  });
}

TEST(Mount, RemountsWhatIsThere) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    expect_ok(mount_one(fd.get(), "/t", "tmpfs", "tmpfs", {"nodev"}));
    expect_ok(mount_one(fd.get(), "/t", "bind", "", {"remount", "bind", "ro", "dev"}));
    const auto options = mounts_on(root / "t").at(0).options;
    EXPECT_TRUE(has(options, "ro") && !has(options, "nodev"));
    EXPECT_FALSE(mount_one(fd.get(), "/missing", "", "", {"remount", "ro"}));
  });
}

TEST(Mount, ATmpfsWithoutAModeTakesThatOfTheDirectoryItCovers) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  ASSERT_EQ(::mkdir((root.path() + "/run").c_str(), 0750), 0);
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd rootfd(::open(root.path().c_str(), O_PATH | O_CLOEXEC));
    const auto mode = [&](const std::string& name) {
      struct stat status {};
      EXPECT_EQ(::stat((root.path() + name).c_str(), &status), 0);
      return status.st_mode & 07777;
    };
    expect_ok(mount_one(rootfd.get(), "/run", "tmpfs", "tmpfs", {"nosuid"}));
    EXPECT_EQ(mode("/run"), 0750u);
    expect_ok(mount_one(rootfd.get(), "/run", "tmpfs", "tmpfs", {"mode=1711"}));
    EXPECT_EQ(mode("/run"), 01711u);
    expect_ok(mount_one(rootfd.get(), "/new", "tmpfs", "tmpfs", {}));
    EXPECT_EQ(mode("/new"), 01777u);
    expect_ok(mount_one(rootfd.get(), "/run", "tmpfs", "tmpfs", {"ro"}));
  });
}

TEST(Mount, RemountsAFilesystemWithOtherOptions) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd rootfd(::open(root.path().c_str(), O_PATH | O_CLOEXEC));
    expect_ok(mount_one(rootfd.get(), "/t", "tmpfs", "tmpfs", {"size=1m", "mode=700"}));
    expect_ok(mount_one(rootfd.get(), "/t", "tmpfs", "tmpfs", {"remount", "size=2m", "noexec"}));
    const auto mounts = mounts_on(root.path() + "/t");
    ASSERT_EQ(mounts.size(), 1u);
    EXPECT_TRUE(has(mounts[0].super_options, "size=2048k"));
    EXPECT_TRUE(has(mounts[0].options, "noexec"));
  });
}

TEST(Mount, PutsProcAndSysOnRealDirectoriesOnly) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  root.make_directory("elsewhere");
  root.make_link("elsewhere", "proc");
  root.make_link("/elsewhere", "sys");
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    for (const auto& [destination, type] :
         {std::pair{"/proc", "proc"}, std::pair{"/sys", "sysfs"}}) {
      const auto mounted = mount_one(fd.get(), destination, type, type, {});
      ASSERT_FALSE(mounted) << destination;
      EXPECT_EQ(mounted.error().code, ENOTDIR);
      EXPECT_NE(mounted.error().hint.find("must be a directory"), std::string::npos);
    }
    EXPECT_TRUE(mounts_on(root / "elsewhere").empty());
  });
}

TEST(Mount, CopiesUpWhatTheRootFilesystemHad) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  root.make_directory("data", 0711);
  root.make_directory("data/sub", 0750);
  root.make_file("data/sub/file", "kept");
  root.make_link("/nowhere", "data/link");
  ASSERT_EQ(::chown((root / "data/sub/file").c_str(), 123, 456), 0);
  ASSERT_EQ(::chmod((root / "data/sub/file").c_str(), 04755), 0);
  ASSERT_EQ(::mkfifo((root / "data/fifo").c_str(), 0600), 0);
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    expect_ok(mount_one(fd.get(), "/data", "tmpfs", "tmpfs", {"tmpcopyup", "ro"}));
    EXPECT_EQ(mounts_on(root / "data").at(0).type, "tmpfs");
    EXPECT_TRUE(has(mounts_on(root / "data").at(0).options, "ro"));
    struct stat status {};
    ASSERT_EQ(::stat((root / "data").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, mode_t(0711));
    ASSERT_EQ(::stat((root / "data/sub/file").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, mode_t(04755));
    EXPECT_EQ(status.st_uid, 123u);
    EXPECT_EQ(status.st_gid, 456u);
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, root / "data/sub/file").value_or(""), "kept");
    ASSERT_EQ(::lstat((root / "data/link").c_str(), &status), 0);
    EXPECT_TRUE(S_ISLNK(status.st_mode));
    ASSERT_EQ(::lstat((root / "data/fifo").c_str(), &status), 0);
    EXPECT_TRUE(S_ISFIFO(status.st_mode));
  });
}

// As runc and crun: what --tmpfs of podman and Docker relies on.
TEST(Mount, GivesATmpfsTheModeOfTheDirectoryBelowUnlessOneIsAskedFor) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  for (const char* name : {"a", "b", "c"}) root.make_directory(name, 0711);
  ASSERT_EQ(::chown((root / "c").c_str(), 12, 34), 0);
  in_namespaces(CLONE_NEWNS, [&] {
    const UniqueFd fd = root.open();
    const auto mode_on = [&](const std::string& name, const std::vector<std::string>& options) {
      expect_ok(mount_one(fd.get(), "/" + name, "tmpfs", "tmpfs", options));
      struct stat status {};
      EXPECT_EQ(::stat((root / name).c_str(), &status), 0);
      return status.st_mode & 07777;
    };
    EXPECT_EQ(mode_on("a", {"ro"}), mode_t(0711));
    EXPECT_TRUE(has(mounts_on(root / "a").at(0).options, "ro"));
    EXPECT_EQ(mode_on("b", {"mode=750"}), mode_t(0750));
    EXPECT_EQ(mode_on("c", {"tmpcopyup", "mode=700"}), mode_t(0700));
    struct stat status {};
    ASSERT_EQ(::stat((root / "c").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 12u);
    EXPECT_EQ(mode_on("made", {}), mode_t(01777));
    EXPECT_EQ(mode_on("made-too", {"tmpcopyup"}), mode_t(01777));
  });
}

// The way of kernels before 5.12, on this one.
TEST(ApplyAttributesByRemount, ChangesWhatIsAskedAndKeepsTheRest) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory root;
  root.make_directory("t");
  in_namespaces(CLONE_NEWNS, [&] {
    const std::string place = root / "t";
    ASSERT_EQ(::mount("tmpfs", place.c_str(), "tmpfs", MS_NODEV | MS_NOATIME, ""), 0);
    const UniqueFd fd = root.open("t");
    auto plan = plan_mount("/t", "bind", "x", {"ro", "nosuid", "rslave"});
    expect_ok(apply_attributes_by_remount(fd.get(), *plan));
    auto options = mounts_on(place).at(0).options;
    EXPECT_TRUE(has(options, "ro") && has(options, "nosuid") && has(options, "nodev"));
    EXPECT_TRUE(has(options, "noatime"));
    plan = plan_mount("/t", "bind", "x", {"rw", "dev", "relatime"});
    expect_ok(apply_attributes_by_remount(fd.get(), *plan));
    options = mounts_on(place).at(0).options;
    EXPECT_TRUE(has(options, "rw") && has(options, "nosuid") && has(options, "relatime"));
    EXPECT_FALSE(has(options, "nodev") || has(options, "noatime"));
    plan = plan_mount("/t", "bind", "x", {"rro"});
    EXPECT_EQ(apply_attributes_by_remount(fd.get(), *plan).error().code, EOPNOTSUPP);
  });
}

// A rename of the target's parent to a link, over and over, must never make a mount elsewhere.
TEST(Mount, NeverAttachesOutsideTheRootWhileNamesAreSwapped) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  directory.make_directory("outside");
  directory.make_directory("outside/target");
  directory.make_directory("root");
  directory.make_directory("root/dir");
  directory.make_directory("root/dir/target");
  directory.make_link(directory / "outside", "root/link");
  in_namespaces(CLONE_NEWNS, [&] {
    const pid_t swapper = ::fork();
    if (swapper == 0) {
      const std::string a = directory / "root/dir", b = directory / "root/link";
      while (true) ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
    }
    const UniqueFd fd = directory.open("root");
    int mounted = 0;
    for (int i = 0; i < 300; ++i) {
      mounted += mount_one(fd.get(), "/dir/target", "tmpfs", "racing", {}).has_value() ? 1 : 0;
    }
    ::kill(swapper, SIGKILL);
    ::waitpid(swapper, nullptr, 0);
    EXPECT_GT(mounted, 0);
    const auto text = sys::read_file_at(AT_FDCWD, "/proc/self/mountinfo");
    for (const MountEntry& entry : parse_mountinfo(*text)) {
      if (entry.source != "racing") continue;
      EXPECT_EQ(entry.mount_point.rfind(directory / "root/", 0), 0u) << entry.mount_point;
    }
    // A directory that a mount sits on cannot be removed by the test's end.
  });
}

}  // namespace
}  // namespace mycontainer::rootfs::mount

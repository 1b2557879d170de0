#include "rootfs/layer/overlay.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "reexec/sys/file.h"
#include "rootfs/layer/joined_mount.h"
#include "rootfs/layer/shifted.h"
#include "rootfs/mount/root.h"
#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::layer {
namespace {

using test::in_namespaces;
using test::TemporaryDirectory;

class Layers : public TemporaryDirectory {
 public:
  Layers() {
    for (const char* name : {"low", "high", "upper", "work"}) make_directory(name);
    make_file("low/both", "low");
    make_file("low/low", "low");
    make_file("high/both", "high");
  }
  [[nodiscard]] OverlayRequest request() const {
    return {{*this / "high", *this / "low"}, *this / "upper", *this / "work", false, false};
  }
};

std::string read_in(int directory, const std::string& name) {
  return sys::read_file_at(directory, name).value_or("?");
}

TEST(JoinLowerDirectories, EscapesWhatWouldSeparate) {
  EXPECT_EQ(join_lower_directories({"/a", "/b:c", "/d\\e", "/f,g"}), "/a:/b\\:c:/d\\\\e:/f\\,g");
}

TEST(OverlayMount, ShowsTheTopmostLayerAndWritesToTheUpper) {
  SKIP_UNLESS_ROOT();
  const Layers layers;
  in_namespaces(CLONE_NEWNS, [&] {
    OverlayRequest request = layers.request();
    request.volatile_writes = true;
    const auto mounted = overlay_mount(request);
    ASSERT_TRUE(mounted) << mounted.error().message() << mounted.error().hint;
    EXPECT_EQ(read_in(mounted->get(), "both"), "high");
    EXPECT_EQ(read_in(mounted->get(), "low"), "low");
    ASSERT_TRUE(sys::write_file_at(mounted->get(), "low", "new", O_WRONLY | O_TRUNC));
    EXPECT_EQ(read_in(AT_FDCWD, layers / "low/low"), "low");
    EXPECT_EQ(read_in(AT_FDCWD, layers / "upper/low"), "new");
  });
}

TEST(OverlayMount, CanBecomeTheRoot) {
  SKIP_UNLESS_ROOT();
  const Layers layers;
  in_namespaces(CLONE_NEWNS, [&] {
    const auto mounted = overlay_mount(layers.request());
    ASSERT_TRUE(mounted) << mounted.error().message();
    ASSERT_TRUE(mount::attach_root(mounted->get()));
    ASSERT_TRUE(mount::enter_root(mounted->get()));
    ASSERT_TRUE(mount::detach_old_root());
    EXPECT_EQ(read_in(AT_FDCWD, "/both"), "high");
  });
}

TEST(OverlayMount, TakesManyLayersAndOddNames) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  OverlayRequest request;
  for (int i = 0; i < 100; ++i) {
    const std::string name = "a rather long name: of, layer \\" + std::to_string(i);
    directory.make_directory(name);
    directory.make_file(name + "/file" + std::to_string(i), "x");
    request.lower.push_back(directory / name);
  }
  in_namespaces(CLONE_NEWNS, [&] {
    const auto mounted = overlay_mount(request);
    ASSERT_TRUE(mounted) << mounted.error().message();
    EXPECT_EQ(read_in(mounted->get(), "file0"), "x");
    EXPECT_EQ(read_in(mounted->get(), "file99"), "x");
  });
}

// What kernels before 6.8 are given.
TEST(OverlayMount, TheJoinedFormNamesTheSameDirectories) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  for (const char* name : {"a:b", "c\\d", "e,f"}) {
    directory.make_directory(name);
    directory.make_file(std::string(name) + "/" + name, "x");
  }
  in_namespaces(CLONE_NEWNS, [&] {
    ASSERT_EQ(::chdir(directory.path().c_str()), 0);
    const UniqueFd context(::fsopen("overlay", FSOPEN_CLOEXEC));
    const std::string joined = join_lower_directories({"a:b", "c\\d", "e,f"});
    ASSERT_EQ(::fsconfig(context.get(), FSCONFIG_SET_STRING, "lowerdir", joined.c_str(), 0), 0);
    ASSERT_EQ(::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), 0);
    const UniqueFd mounted(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
    for (const char* name : {"a:b", "c\\d", "e,f"}) EXPECT_EQ(read_in(mounted.get(), name), "x");
  });
}

TEST(OverlayMount, LivesInMemoryWhenAsked) {
  SKIP_UNLESS_ROOT();
  const Layers layers;
  in_namespaces(CLONE_NEWNS, [&] {
    const auto memory = memory_upper("1m");
    ASSERT_TRUE(memory) << memory.error().message();
    OverlayRequest request{{layers / "low"}, upper_in(memory->get()), work_in(memory->get())};
    const auto mounted = overlay_mount(request);
    ASSERT_TRUE(mounted) << mounted.error().message() << mounted.error().hint;
    ASSERT_TRUE(sys::write_file_at(mounted->get(), "new", "x", O_CREAT | O_WRONLY, 0644));
    EXPECT_EQ(read_in(AT_FDCWD, layers / "low/new"), "?");
    const std::string big(4u << 20, 'x');
    const auto full = sys::write_file_at(mounted->get(), "big", big, O_CREAT | O_WRONLY, 0644);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ENOSPC);
  });
}

// `--rootfs /:O`: the writes of the container go below the very tree they are kept from.
TEST(OverlayMount, CoversATreeThatHoldsItsOwnUpper) {
  SKIP_UNLESS_ROOT();
  const Layers layers;
  in_namespaces(CLONE_NEWNS, [&] {
    const auto mounted = overlay_mount({{"/"}, layers / "upper", layers / "work"});
    ASSERT_TRUE(mounted) << mounted.error().message();
    EXPECT_EQ(::faccessat(mounted->get(), "etc/passwd", F_OK, 0), 0);
    EXPECT_NE(::faccessat(mounted->get(), "proc/self", F_OK, 0), 0);  // not what is mounted below
    ASSERT_TRUE(sys::write_file_at(mounted->get(), "etc/mycontainer-new", "x", O_CREAT | O_WRONLY));
    EXPECT_NE(::access("/etc/mycontainer-new", F_OK), 0);
    EXPECT_EQ(read_in(AT_FDCWD, layers / "upper/etc/mycontainer-new"), "x");
    // The kernel closes the circle: the upper directory cannot be reached through the overlay.
    const std::string circle = (layers / "upper/etc").substr(1);
    EXPECT_NE(::faccessat(mounted->get(), circle.c_str(), F_OK, 0), 0);
    EXPECT_EQ(errno, ELOOP);
  });
}

TEST(OverlayMount, RefusesALowerInsideItsUpperWithAHint) {
  SKIP_UNLESS_ROOT();
  const Layers layers;
  layers.make_directory("upper/inner");
  in_namespaces(CLONE_NEWNS, [&] {
    const auto mounted =
        overlay_mount({{layers / "upper/inner"}, layers / "upper", layers / "work"});
    ASSERT_FALSE(mounted);
    EXPECT_EQ(mounted.error().code, ELOOP);
    EXPECT_NE(mounted.error().hint.find("inside"), std::string::npos);
  });
}

TEST(OverlayMount, SaysWhyAnOverlayCannotBeTheUpper) {
  SKIP_UNLESS_ROOT();
  const Layers layers;
  in_namespaces(CLONE_NEWNS, [&] {
    const auto first = overlay_mount(layers.request());
    ASSERT_TRUE(first);
    for (const char* name : {"upper", "work"}) {
      ASSERT_EQ(::mkdirat(first->get(), name, 0755), 0);
    }
    const auto second =
        overlay_mount({{layers / "low"}, upper_in(first->get()), work_in(first->get())});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EINVAL);
    EXPECT_NE(second.error().hint.find("another overlay"), std::string::npos);
  });
}

// A file in each layer, one in all; the topmost first.
OverlayRequest stack_of(const TemporaryDirectory& directory, int count) {
  OverlayRequest request;
  directory.make_directory("layers");
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("layers/{:064x}", i);
    directory.make_directory(name);
    directory.make_directory(name + "/diff");
    directory.make_file(name + "/diff/all", std::to_string(i));
    directory.make_file(fmt::format("{}/diff/{}", name, i), "x");
    request.lower.push_back(directory / (name + "/diff"));
  }
  directory.make_directory("upper");
  directory.make_directory("work");
  request.upper = directory / "upper";
  request.work = directory / "work";
  return request;
}

TEST(OverlayMount, StacksAsManyLayersAsTheKernelTakes) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  const OverlayRequest request = stack_of(directory, 500);
  in_namespaces(CLONE_NEWNS, [&] {
    const auto mounted = overlay_mount(request);
    ASSERT_TRUE(mounted) << mounted.error().message();
    EXPECT_EQ(read_in(mounted->get(), "all") + read_in(mounted->get(), "499"), "0x");
    OverlayRequest more = request;
    more.lower.push_back(directory / "layers");
    const auto refused = overlay_mount(more);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message(),
              "mount overlay: 501 layers are more than the 500 that the kernel can stack");
  });
}

TEST(JoinedMount, StacksFiveHundredLayersByTheirDescriptors) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  OverlayRequest request = stack_of(directory, 500);
  request.volatile_writes = true;
  in_namespaces(CLONE_NEWNS, [&] {
    const std::string before = read_in(AT_FDCWD, "/proc/self/mountinfo");
    const std::string here = std::filesystem::current_path();
    const auto mounted = joined_mount(request);
    ASSERT_TRUE(mounted) << mounted.error().message();
    EXPECT_EQ(read_in(mounted->get(), "all") + read_in(mounted->get(), "499"), "0x");
    ASSERT_TRUE(sys::write_file_at(mounted->get(), "all", "new", O_WRONLY | O_TRUNC));
    EXPECT_EQ(read_in(AT_FDCWD, directory / "upper/all"), "new");
    EXPECT_EQ(read_in(AT_FDCWD, "/proc/self/mountinfo"), before);
    EXPECT_EQ(std::filesystem::current_path(), here);
  });
}

TEST(JoinedMount, WorksInAUserNamespace) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  OverlayRequest request = stack_of(directory, 100);
  request.user_xattr = request.volatile_writes = true;
  in_namespaces(CLONE_NEWUSER | CLONE_NEWNS, [&] {
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/uid_map", "0 0 1"));
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny"));
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/gid_map", "0 0 1"));
    const auto mounted = joined_mount(request);
    ASSERT_TRUE(mounted) << mounted.error().message();
    EXPECT_EQ(read_in(mounted->get(), "all"), "0");
  });
}

// A descriptor of a user namespace whose root is `uid` outside.
UniqueFd user_namespace_of(unsigned uid) {
  int ready[2] = {}, go[2] = {};
  EXPECT_EQ(::pipe(ready) + ::pipe(go), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    if (::unshare(CLONE_NEWUSER) < 0) ::_exit(1);
    (void)!::write(ready[1], "x", 1);
    (void)!::read(go[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  const std::string process = "/proc/" + std::to_string(child);
  const std::string map = fmt::format("0 {} 65536", uid);
  EXPECT_TRUE(sys::write_file_at(AT_FDCWD, process + "/uid_map", map));
  EXPECT_TRUE(sys::write_file_at(AT_FDCWD, process + "/gid_map", map));
  UniqueFd fd(::open((process + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(::write(go[1], "x", 1), 1);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  for (const int end : {ready[0], ready[1], go[0], go[1]}) ::close(end);
  return fd;
}

std::size_t mounts() {
  const std::string text = read_in(AT_FDCWD, "/proc/self/mountinfo");
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(ShiftedOverlay, LayersBelowOneDirectoryShareOneClone) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  const OverlayRequest request = stack_of(directory, 50);
  const UniqueFd user_namespace = user_namespace_of(500000);
  in_namespaces(CLONE_NEWNS, [&] {
    const std::size_t before = mounts();
    const auto mounted = shifted_overlay(request, user_namespace.get());
    ASSERT_TRUE(mounted) << mounted.error().message();
    EXPECT_EQ(mounts(), before + 1);
    struct stat status {};
    ASSERT_EQ(::fstatat(mounted->get(), "49", &status, 0), 0);
    EXPECT_EQ(status.st_uid, 500000U);
    EXPECT_EQ(read_in(mounted->get(), "all"), "0");
  });
}

TEST(ShiftedOverlay, LayersOfSeveralMountsAreShiftedOneByOne) {
  SKIP_UNLESS_ROOT();
  const TemporaryDirectory directory;
  const OverlayRequest request = stack_of(directory, 2);
  const UniqueFd user_namespace = user_namespace_of(500000);
  in_namespaces(CLONE_NEWNS, [&] {
    ASSERT_EQ(
        ::mount(request.lower[1].c_str(), request.lower[1].c_str(), nullptr, MS_BIND, nullptr), 0);
    ASSERT_EQ(::mount("tmpfs", request.lower[0].c_str(), "tmpfs", 0, nullptr), 0);
    ASSERT_TRUE(
        sys::write_file_at(AT_FDCWD, request.lower[0] + "/all", "m", O_WRONLY | O_CREAT, 0600));
    const auto mounted = shifted_overlay(request, user_namespace.get());
    ASSERT_TRUE(mounted) << mounted.error().message();
    EXPECT_EQ(read_in(mounted->get(), "all"), "m");
    struct stat status {};
    ASSERT_EQ(::fstatat(mounted->get(), "1", &status, 0), 0);
    EXPECT_EQ(status.st_uid, 500000U);
  });
}

TEST(CommonDirectory, IsTheDeepestThatAllLieIn) {
  EXPECT_EQ(common_directory({"/d/layers/a/diff", "/d/layers/b/diff"}), "/d/layers");
  EXPECT_EQ(common_directory({"/d/layers/a", "/d/layers/ab"}), "/d/layers");
  EXPECT_EQ(common_directory({"/d/a", "/d/a/b"}), "/d/a");
  EXPECT_EQ(common_directory({"/a", "/b"}), "/");
  EXPECT_EQ(common_directory({"/a/b"}), "/a/b");
  EXPECT_EQ(common_directory({"/", "/b"}), "/");
  EXPECT_EQ(common_directory({}), "/");
}

TEST(OverlayMount, NamesAMissingLayer) {
  SKIP_UNLESS_ROOT();
  in_namespaces(CLONE_NEWNS, [] {
    const auto mounted = overlay_mount({{"/no/such/layer", "/"}, "", ""});
    ASSERT_FALSE(mounted);
    EXPECT_NE(mounted.error().message().find("/no/such/layer"), std::string::npos)
        << mounted.error().message();
    EXPECT_EQ(mounted.error().code, ENOENT);
  });
  EXPECT_FALSE(overlay_mount({}));
}

TEST(OverlayMount, WorksInAUserNamespace) {
  SKIP_UNLESS_ROOT();
  const Layers layers;
  in_namespaces(CLONE_NEWUSER | CLONE_NEWNS, [&] {
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/uid_map", "0 0 1"));
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny"));
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/gid_map", "0 0 1"));
    OverlayRequest request = layers.request();
    request.user_xattr = request.volatile_writes = true;
    const auto mounted = overlay_mount(request);
    ASSERT_TRUE(mounted) << mounted.error().message() << mounted.error().hint;
    ASSERT_TRUE(sys::write_file_at(mounted->get(), "low", "new", O_WRONLY | O_TRUNC));
    EXPECT_EQ(read_in(mounted->get(), "low"), "new");
  });
}

}  // namespace
}  // namespace mycontainer::rootfs::layer

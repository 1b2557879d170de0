#include "runtime/launch/mapped_namespace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "tests/support/in_namespaces.h"

namespace mycontainer::runtime::launch {
namespace {

TEST(MappedNamespace, MapsTheOwnersOfABind) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNS, [] {
    ASSERT_EQ(::mount("tmpfs", "/mnt", "tmpfs", 0, nullptr), 0);
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/mnt/file", "", O_WRONLY | O_CREAT, 0600));
    ASSERT_EQ(::chown("/mnt/file", 1000, 1001), 0);
    const auto user_namespace = mapped_namespace({{1000, 70000, 1}}, {{1001, 80000, 5}});
    ASSERT_TRUE(user_namespace) << user_namespace.error().message();

    const UniqueFd clone(::open_tree(AT_FDCWD, "/mnt", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
    ASSERT_TRUE(clone);
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_IDMAP;
    attributes.userns_fd = static_cast<std::uint64_t>(user_namespace->get());
    ASSERT_EQ(::mount_setattr(clone.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes), 0);
    struct stat status {};
    ASSERT_EQ(::fstatat(clone.get(), "file", &status, 0), 0);
    EXPECT_EQ(status.st_uid, 70000u);
    EXPECT_EQ(status.st_gid, 80000u);
  });
}

TEST(MappedNamespace, LeavesNoProcessBehindAndIsMadeOnceForOneMapping) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(0, [] {
    MappedNamespaces namespaces(::getpid());
    const std::vector<init::MappedIds> one = {{0, 1000, 1}}, other = {{0, 2000, 1}};
    const auto first = namespaces.of(one, one);
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_EQ(namespaces.of(one, one).value(), *first);
    EXPECT_NE(namespaces.of(one, other).value(), *first);
    EXPECT_NE(namespaces.of({}, {}).value(), *first);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  });
}

}  // namespace
}  // namespace mycontainer::runtime::launch

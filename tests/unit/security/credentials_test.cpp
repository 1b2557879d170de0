#include "runtime/security/credentials.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "reexec/sys/file.h"
#include "runtime/security/apparmor.h"
#include "runtime/security/protected_paths.h"

namespace mycontainer::runtime::security {
namespace {

int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class TakeIdentity : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(TakeIdentity, SetsUserGroupsAndUmaskForGood) {
  EXPECT_EQ(0, in_child([] {
              const std::vector<std::uint32_t> groups = {7, 9};
              if (!take_identity({1000, 1001, groups, 027})) return 1;
              uid_t r, e, s;
              if (::getresuid(&r, &e, &s) != 0 || r != 1000 || e != 1000 || s != 1000) return 2;
              if (::getresgid(&r, &e, &s) != 0 || r != 1001 || e != 1001 || s != 1001) return 3;
              gid_t got[4];
              if (::getgroups(4, got) != 2 || got[0] != 7 || got[1] != 9) return 4;
              if (::umask(0) != 027) return 5;
              return ::setuid(0) == -1 ? 0 : 6;
            }));
}

TEST_F(TakeIdentity, DropsTheCallersGroupsAndLeavesTheUmask) {
  EXPECT_EQ(0, in_child([] {
              const gid_t callers[] = {4, 5};
              ::umask(037);
              if (::setgroups(2, callers) != 0 || !take_identity({0, 0, {}, std::nullopt}))
                return 1;
              return ::getgroups(0, nullptr) == 0 && ::umask(0) == 037 ? 0 : 2;
            }));
}

TEST_F(TakeIdentity, AcceptsAForbiddenSetgroupsOnlyForAnEmptyList) {
  EXPECT_EQ(0, in_child([] {
              if (::unshare(CLONE_NEWUSER) != 0) return 0;
              if (!sys::write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny")) return 1;
              if (!sys::write_file_at(AT_FDCWD, "/proc/self/uid_map", "0 0 1")) return 2;
              if (!sys::write_file_at(AT_FDCWD, "/proc/self/gid_map", "0 0 1")) return 3;
              const std::vector<std::uint32_t> groups = {0};
              if (take_identity({0, 0, groups, std::nullopt})) return 4;
              if (!take_identity({0, 0, {}, std::nullopt})) return 5;
              const auto unmapped = take_identity({5, 0, {}, std::nullopt});
              if (unmapped) return 6;
              return unmapped.error().code == EINVAL && !unmapped.error().hint.empty() ? 0 : 7;
            }));
}

TEST_F(TakeIdentity, RefusesAnOrdinaryUserWhoseGroupsWouldStay) {
  EXPECT_EQ(0, in_child([] {
              if (::setresuid(1000, 1000, 1000) != 0) return 1;
              return take_identity({1000, 0, {}, std::nullopt}) ? 2 : 0;
            }));
}

TEST(NoNewPrivs, AreSet) {
  EXPECT_EQ(0, in_child([] {
              return set_no_new_privs() && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
            }));
}

class TemporaryTree : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/mycontainer-security-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    root_ = path;
  }
  void TearDown() override { EXPECT_TRUE(sys::remove_tree_at(AT_FDCWD, root_)); }
  void make(const std::string& path) {
    std::string built = root_;
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t next = path.find('/', at + 1);
      built += path.substr(at, next - at);
      ::mkdir(built.c_str(), 0755);
      at = next;
    }
  }

  std::string root_;
};

TEST(Apparmor, SaysWhyAProfileCannotBeEntered) {
  const auto procfs = sys::open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY);
  ASSERT_TRUE(procfs);
  EXPECT_TRUE(enter_apparmor_profile_on_exec(procfs->get(), ""));
  const auto refused = enter_apparmor_profile_on_exec(procfs->get(), "mycontainer-no-such-profile");
  ASSERT_FALSE(refused);
  EXPECT_FALSE(refused.error().hint.empty()) << refused.error().message();
}

using ProtectedPaths = TemporaryTree;

TEST_F(ProtectedPaths, HaveTheThrottleDirectoryOfEachProcessor) {
  EXPECT_TRUE(thermal_throttle_paths(root_).empty());
  make("/devices/system/cpu/cpu0/thermal_throttle");
  make("/devices/system/cpu/cpu1/thermal_throttle");
  make("/devices/system/cpu/cpufreq");
  EXPECT_EQ(thermal_throttle_paths(root_),
            (std::vector<std::string>{"/sys/devices/system/cpu/cpu0/thermal_throttle",
                                      "/sys/devices/system/cpu/cpu1/thermal_throttle"}));
}

TEST_F(ProtectedPaths, AreAbsoluteAndDifferent) {
  std::vector<std::string_view> all(kMaskedPaths.begin(), kMaskedPaths.end());
  all.insert(all.end(), kReadonlyPaths.begin(), kReadonlyPaths.end());
  for (const std::string_view path : all) {
    EXPECT_TRUE(path.starts_with("/proc/") || path.starts_with("/sys/")) << path;
    EXPECT_EQ(std::count(all.begin(), all.end(), path), 1) << path;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::security

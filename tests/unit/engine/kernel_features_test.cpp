#include "runtime/engine/kernel_features.h"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::engine {
namespace {

std::string fact(const KernelReport& report, std::string_view name) {
  const auto found = std::ranges::find(report.facts, name, &KernelFact::name);
  return found == report.facts.end() ? "missing" : found->value;
}

// A directory like /proc/sys that is gone with the test.
class FakeSysctls {
 public:
  FakeSysctls() {
    root_ = ::testing::TempDir() + "/sysctls-XXXXXX";
    EXPECT_NE(::mkdtemp(root_.data()), nullptr);
    std::filesystem::create_directory(root_ + "/user");
    std::filesystem::create_directory(root_ + "/kernel");
  }
  FakeSysctls(const FakeSysctls&) = delete;
  FakeSysctls& operator=(const FakeSysctls&) = delete;
  ~FakeSysctls() { std::filesystem::remove_all(root_); }
  void set(const std::string& name, std::string_view value) {
    EXPECT_TRUE(sys::write_file_at(AT_FDCWD, root_ + "/" + name, value,
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600));
  }
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  std::string root_;
};

TEST(InspectKernel, NamesEachFactOnceAndGivesItAValue) {
  std::set<std::string> names;
  for (const KernelFact& found : inspect_kernel().facts) {
    EXPECT_TRUE(names.insert(found.name).second) << found.name;
    EXPECT_NE(found.value, "") << found.name;
  }
}

TEST(InspectKernel, TellsTheReleaseOfUname) {
  utsname name{};
  ASSERT_EQ(::uname(&name), 0);
  EXPECT_EQ(fact(inspect_kernel(), "Release"), name.release);
}

// Every kernel this program supports (5.10) has these; a sandbox may hide them.
TEST(InspectKernel, FindsWhatEverySupportedKernelHas) {
  const KernelReport report = inspect_kernel();
  for (const char* name : {"clone3", "CLONE_INTO_CGROUP", "pidfd", "openat2", "close_range"}) {
    EXPECT_EQ(fact(report, name), "yes") << name;
  }
}

TEST(UnprivilegedUserns, HaveNoObstacleWithoutTheSysctls) {
  FakeSysctls sysctls;
  EXPECT_EQ(unprivileged_userns_obstacle(sysctls.root()), "");
  sysctls.set("user/max_user_namespaces", "15000\n");
  sysctls.set("kernel/unprivileged_userns_clone", "1\n");
  sysctls.set("kernel/apparmor_restrict_unprivileged_userns", "0\n");
  EXPECT_EQ(unprivileged_userns_obstacle(sysctls.root()), "");
}

TEST(UnprivilegedUserns, AreForbiddenByEachSysctl) {
  FakeSysctls sysctls;
  sysctls.set("kernel/apparmor_restrict_unprivileged_userns", "1\n");
  EXPECT_EQ(unprivileged_userns_obstacle(sysctls.root()),
            "kernel.apparmor_restrict_unprivileged_userns is 1");
  sysctls.set("kernel/unprivileged_userns_clone", "0\n");
  EXPECT_EQ(unprivileged_userns_obstacle(sysctls.root()), "kernel.unprivileged_userns_clone is 0");
  sysctls.set("user/max_user_namespaces", "0\n");
  EXPECT_EQ(unprivileged_userns_obstacle(sysctls.root()), "user.max_user_namespaces is 0");
}

}  // namespace
}  // namespace mycontainer::runtime::engine

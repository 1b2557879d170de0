#include "runtime/engine/default_settings.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace mycontainer::runtime::engine {
namespace {

// Another one for each of these tests: the directory in /tmp has its number, and they run at once.
const uid_t kOrdinaryUser = 100000 + static_cast<uid_t>(::getpid());

// The result of with_defaults() for an ordinary user, from a child that became one; on failure the
// error's operation stands in place of both.
state::Roots defaults_of_ordinary_user(const char* home, const char* data, const char* runtime) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::clearenv();
    if (home != nullptr) ::setenv("HOME", home, 1);
    if (data != nullptr) ::setenv("XDG_DATA_HOME", data, 1);
    if (runtime != nullptr) ::setenv("XDG_RUNTIME_DIR", runtime, 1);
    if (::setresuid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) < 0) ::_exit(1);
    const auto settings = with_defaults({});
    const std::string text =
        settings ? settings->data + "\n" + settings->state : settings.error().operation;
    ::_exit(::write(ends[1], text.data(), text.size()) > 0 ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t count = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ::waitpid(pid, nullptr, 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  const std::size_t line = text.find('\n');
  if (line == std::string::npos) return {text, text};
  return {text.substr(0, line), text.substr(line + 1)};
}

class DefaultSettings : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    ::unlink(kInTmp.c_str());
    ::rmdir(kInTmp.c_str());
  }
  void TearDown() override {
    ::unlink(kInTmp.c_str());
    ::rmdir(kInTmp.c_str());
  }
  const std::string kInTmp = fmt::format("/tmp/mycontainer-{}", kOrdinaryUser);
};

TEST(WithDefaults, KeepsWhatIsGiven) {
  const auto settings = with_defaults({"/data", "/state"});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->data, "/data");
  EXPECT_EQ(settings->state, "/state");
}

TEST_F(DefaultSettings, OfRootAreTheSystems) {
  const auto settings = with_defaults({});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->data, "/var/lib/mycontainer");
  EXPECT_EQ(settings->state, "/run/mycontainer");
}

TEST_F(DefaultSettings, OfAnOrdinaryUserFollowXdg) {
  const state::Roots both = defaults_of_ordinary_user("/home/u", "/data", "/run/user/1");
  EXPECT_EQ(both.data, "/data/mycontainer");
  EXPECT_EQ(both.state, "/run/user/1/mycontainer");
  EXPECT_EQ(defaults_of_ordinary_user("/home/u", nullptr, "/run/user/1").data,
            "/home/u/.local/share/mycontainer");
  EXPECT_EQ(defaults_of_ordinary_user("/home/u", "relative", "/run/user/1").data,
            "/home/u/.local/share/mycontainer");
}

TEST_F(DefaultSettings, OfAnOrdinaryUserNeedAHome) {
  EXPECT_EQ(defaults_of_ordinary_user(nullptr, nullptr, "/run/user/1").data,
            "neither HOME nor XDG_DATA_HOME is set");
}

TEST_F(DefaultSettings, MakeAPrivateDirectoryInTmpAsTheLastResort) {
  EXPECT_EQ(defaults_of_ordinary_user("/home/u", nullptr, nullptr).state, kInTmp);
  struct stat status {};
  ASSERT_EQ(::lstat(kInTmp.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_EQ(status.st_uid, kOrdinaryUser);
  EXPECT_EQ(defaults_of_ordinary_user("/home/u", nullptr, nullptr).state, kInTmp);
}

TEST_F(DefaultSettings, RefuseADirectoryInTmpThatAnotherMade) {
  ASSERT_EQ(::mkdir(kInTmp.c_str(), 0777), 0);
  const std::string refusal = kInTmp + " is not a directory of yours alone";
  EXPECT_EQ(defaults_of_ordinary_user("/home/u", nullptr, nullptr).state, refusal);
  ASSERT_EQ(::chown(kInTmp.c_str(), kOrdinaryUser, kOrdinaryUser), 0);
  ASSERT_EQ(::chmod(kInTmp.c_str(), 0750), 0);
  EXPECT_EQ(defaults_of_ordinary_user("/home/u", nullptr, nullptr).state, refusal);
}

TEST_F(DefaultSettings, RefuseASymbolicLinkInTmp) {
  ASSERT_EQ(::symlink("/etc", kInTmp.c_str()), 0);
  EXPECT_EQ(defaults_of_ordinary_user("/home/u", nullptr, nullptr).state,
            kInTmp + " is not a directory of yours alone");
}

}  // namespace
}  // namespace mycontainer::runtime::engine

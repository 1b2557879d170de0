#include "cmd/options/container_options.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using Words = std::vector<std::string>;

// A file that is gone with the test.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& content) {
    path_ = ::testing::TempDir() + "/env-file-XXXXXX";
    const int fd = ::mkstemp(path_.data());
    EXPECT_GE(fd, 0);
    EXPECT_EQ(::write(fd, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ::close(fd);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
};

TEST(Rootfs, TakesARelativeDirectoryFromTheWorkingDirectory) {
  const std::string here = std::filesystem::current_path();
  EXPECT_EQ(request_with({"--rootfs", "some/../dir"}).root.name, here + "/dir");
  expect_errors({{{"--rootfs", ""}, "a directory is needed"}, {{"--rootfs", ":O"}, "is needed"}});
}

TEST(Entrypoint, IsReplacedOrCleared) {
  EXPECT_FALSE(request_with({}).entrypoint.has_value());
  EXPECT_EQ(request_with({"--entrypoint", "/bin/a b"}).entrypoint, Words{"/bin/a b"});
  EXPECT_EQ(request_with({"--entrypoint="}).entrypoint, Words{});
  EXPECT_EQ(request_with({"--entrypoint", ""}).entrypoint, Words{});
}

TEST(Entrypoint, IsACommandForARootfs) {
  const auto request = request_of({"--rootfs", "/x", "--entrypoint", "/bin/sh"});
  EXPECT_EQ(request.entrypoint, Words{"/bin/sh"});
  EXPECT_TRUE(request.command.empty());
}

TEST(Name, FollowsDockersGrammar) {
  EXPECT_EQ(request_with({"--name", "Web_1.a-b"}).name, "Web_1.a-b");
  for (const char* bad : {"", "a", "-ab", ".ab", "a b", "a/b", "../x", "a\n"}) {
    EXPECT_NE(error_with({"--name", bad}).find("Invalid container name"), std::string::npos) << bad;
  }
}

TEST(Hostname, IsLabelsJoinedByDots) {
  EXPECT_EQ(request_with({"-h", "web-1.example_x.org"}).hostname, "web-1.example_x.org");
  EXPECT_EQ(request_with({"--hostname=x"}).hostname, "x");
  const std::string long_name(65, 'a');
  for (const char* bad : {"", "-a", "a-", "a..b", ".a", "a.", "a b", "a/b", long_name.c_str()}) {
    EXPECT_NE(error_with({"-h", bad}).find("invalid hostname format"), std::string::npos) << bad;
  }
}

TEST(Hostname, CannotBeSetForTheHost) {
  EXPECT_EQ(error_with({"--uts", "host", "-h", "x"}),
            "conflicting options: hostname and the UTS mode");
}

TEST(Workdir, IsAbsolute) {
  EXPECT_EQ(request_with({"-w", "/srv/a b"}).working_directory, "/srv/a b");
  expect_errors({{{"-w", "srv"}, "needs to be an absolute path"},
                 {{"--workdir="}, "needs to be an absolute path"}});
}

TEST(User, IsANameOrANumberWithAGroupOrWithout) {
  const auto both = request_with({"-u", "www:1000"}).user;
  EXPECT_EQ(both.user, "www");
  EXPECT_EQ(both.group, "1000");
  EXPECT_EQ(request_with({"--user=4294967294"}).user.user, "4294967294");
  EXPECT_EQ(request_with({"-u", "0:"}).user.group, "");
}

TEST(User, HasNumbersInRange) {
  expect_errors({{{"-u", "4294967295"}, "must be in range"},
                 {{"-u", "0:4294967296"}, "must be in range"},
                 {{"-u", "99999999999999999999"}, "must be in range"},
                 {{"-u", "a:b:c"}, "<name|uid>[:<group|gid>]"}});
}

TEST(GroupAdd, CollectsNamesAndNumbers) {
  EXPECT_EQ(request_with({"--group-add", "audio", "--group-add=5"}).user.supplementary_groups,
            (Words{"audio", "5"}));
  expect_errors(
      {{{"--group-add", ""}, "empty group"}, {{"--group-add", "4294967295"}, "must be in range"}});
}

TEST(Env, TakesTheCallersValueForABareName) {
  ::setenv("MYCONTAINER_TEST_SET", "from caller", 1);
  ::unsetenv("MYCONTAINER_TEST_UNSET");
  EXPECT_EQ(request_with({"-e", "A=1=2", "-e", "MYCONTAINER_TEST_SET", "-e",
                          "MYCONTAINER_TEST_UNSET", "--env", "B="})
                .env,
            (Words{"A=1=2", "MYCONTAINER_TEST_SET=from caller", "B="}));
}

TEST(Env, NeedsAName) {
  expect_errors({{{"-e", ""}, "invalid environment variable: "},
                 {{"-e", "=x"}, "invalid environment variable: =x"}});
}

TEST(EnvFile, IsReadAsDockerReadsIt) {
  ::setenv("MYCONTAINER_TEST_SET", "from caller", 1);
  const ScratchFile file(
      "\xEF\xBB\xBF# comment\n\n  A=1 \n  # indented\nB=\"x\"\r\nMYCONTAINER_TEST_SET\n"
      "MYCONTAINER_TEST_UNSET\nLAST=no newline");
  EXPECT_EQ(request_with({"--env-file", file.path()}).env,
            (Words{"A=1 ", "B=\"x\"", "MYCONTAINER_TEST_SET=from caller", "LAST=no newline"}));
}

TEST(EnvFile, ComesBeforeEveryEnv) {
  const ScratchFile file("A=file\n");
  EXPECT_EQ(request_with({"-e", "A=option", "--env-file", file.path()}).env,
            (Words{"A=file", "A=option"}));
}

TEST(EnvFile, IsRefusedWhenBad) {
  const ScratchFile spaces("A B=1\n"), nameless("=1\n"), binary(std::string("A\0=1\n", 5));
  expect_errors({{{"--env-file", spaces.path()}, "variable 'A B' contains whitespaces"},
                 {{"--env-file", nameless.path()}, "no variable name on line '=1'"},
                 {{"--env-file", binary.path()}, "not a text file"},
                 {{"--env-file", "/nowhere/env"}, "open /nowhere/env: No such file or directory"},
                 {{"--env-file", "/"}, "Is a directory"}});
}

TEST(Label, IsAKeyWithAValueOrWithout) {
  const auto labels = request_with({"-l", "a=1=2", "--label", "b", "-l", "a=3"}).labels;
  EXPECT_EQ(labels, (runtime::oci::StringMap{{"a", "3"}, {"b", ""}}));
  expect_errors({{{"-l", "=x"}, "invalid label '=x': empty name"},
                 {{"-l", ""}, "empty name"},
                 {{"-l", "a b=x"}, "label 'a b=x' contains whitespaces"}});
}

TEST(StopSignal, IsANameOrANumber) {
  EXPECT_FALSE(request_with({}).stop_signal);
  EXPECT_EQ(request_with({"--stop-signal", "SIGINT"}).stop_signal, SIGINT);
  EXPECT_EQ(request_with({"--stop-signal=9"}).stop_signal, SIGKILL);
  expect_errors({{{"--stop-signal", "FOO"}, "Invalid signal: FOO"}});
}

}  // namespace
}  // namespace mycontainer::cmd::options

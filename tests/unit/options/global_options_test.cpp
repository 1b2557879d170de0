#include "cmd/options/global_options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace mycontainer::cmd::options {
namespace {

constexpr const char* kVariables[] = {"MYCONTAINER_ROOT", "MYCONTAINER_STATE_ROOT",
                                      "MYCONTAINER_LOG_LEVEL", "MYCONTAINER_DEBUG"};

class Globals : public ::testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }
  static void clear() {
    for (const char* name : kVariables) ::unsetenv(name);
  }
  static GlobalOptions options_of(const std::vector<const char*>& words) {
    auto parsed = parse_globals(words);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message());
    return parsed ? parsed->options : GlobalOptions{};
  }
  static std::string error_of(const std::vector<const char*>& words) {
    auto parsed = parse_globals(words);
    return parsed ? std::string() : parsed.error().message();
  }
};

TEST_F(Globals, AreQuietAndEmptyByDefault) {
  const GlobalOptions options = options_of({"run"});
  EXPECT_EQ(options.root, "");
  EXPECT_EQ(options.state_root, "");
  EXPECT_EQ(options.log_level, LogLevel::kWarn);
  EXPECT_FALSE(options.debug);
}

TEST_F(Globals, EndAtTheVerb) {
  const std::vector<const char*> words = {"--root", "/data", "-D", "run", "--root", "/x"};
  const auto parsed = parse_globals(words);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->options.root, "/data");
  EXPECT_EQ(parsed->options.log_level, LogLevel::kDebug);
  ASSERT_EQ(parsed->rest.size(), 3u);
  EXPECT_STREQ(parsed->rest[0], "run");
}

TEST_F(Globals, AreReadFromTheEnvironment) {
  ::setenv("MYCONTAINER_ROOT", "/data/", 1);
  ::setenv("MYCONTAINER_STATE_ROOT", "/state", 1);
  ::setenv("MYCONTAINER_LOG_LEVEL", "error", 1);
  ::setenv("MYCONTAINER_DEBUG", "", 1);
  const GlobalOptions options = options_of({"run"});
  EXPECT_EQ(options.root, "/data");
  EXPECT_EQ(options.state_root, "/state");
  EXPECT_EQ(options.log_level, LogLevel::kError);
  EXPECT_FALSE(options.debug);
  ::setenv("MYCONTAINER_DEBUG", "1", 1);
  EXPECT_EQ(options_of({"run"}).log_level, LogLevel::kDebug);
}

TEST_F(Globals, ArePreferredAsTyped) {
  ::setenv("MYCONTAINER_ROOT", "/env", 1);
  ::setenv("MYCONTAINER_LOG_LEVEL", "error", 1);
  const GlobalOptions options = options_of({"--root=/typed", "--log-level", "info"});
  EXPECT_EQ(options.root, "/typed");
  EXPECT_EQ(options.log_level, LogLevel::kInfo);
}

TEST_F(Globals, TakeEveryLevel) {
  EXPECT_EQ(options_of({"-l", "debug"}).log_level, LogLevel::kDebug);
  EXPECT_EQ(options_of({"-l", "warn"}).log_level, LogLevel::kWarn);
  EXPECT_EQ(options_of({"-l", "off"}).log_level, LogLevel::kOff);
}

TEST_F(Globals, RefuseBadValues) {
  EXPECT_EQ(error_of({"--log-level", "loud"}),
            "invalid argument \"loud\" for \"-l, --log-level\" flag: unknown level: debug, info, "
            "warn, error or off");
  EXPECT_EQ(error_of({"--root", "data"}),
            "invalid argument \"data\" for \"--root\" flag: not an absolute path");
  EXPECT_EQ(error_of({"--state-root="}),
            "invalid argument \"\" for \"--state-root\" flag: not an absolute path");
  EXPECT_EQ(error_of({"--debug=x"}),
            "invalid argument \"x\" for \"-D, --debug\" flag: neither true nor false");
  EXPECT_EQ(error_of({"--rooot=/x"}), "unknown flag: --rooot");
}

TEST_F(Globals, RefuseBadVariables) {
  ::setenv("MYCONTAINER_LOG_LEVEL", "loud", 1);
  EXPECT_EQ(error_of({}),
            "invalid value \"loud\" of MYCONTAINER_LOG_LEVEL: unknown level: debug, "
            "info, warn, error or off");
  ::unsetenv("MYCONTAINER_LOG_LEVEL");
  ::setenv("MYCONTAINER_ROOT", "data", 1);
  EXPECT_EQ(error_of({}), "invalid value \"data\" of MYCONTAINER_ROOT: not an absolute path");
}

}  // namespace
}  // namespace mycontainer::cmd::options

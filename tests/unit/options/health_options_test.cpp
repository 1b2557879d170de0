#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using Words = std::vector<std::string>;

TEST(HealthOptions, FillTheCheck) {
  const auto check =
      request_of({"--health-cmd", "test -e /up", "--health-interval=5s", "--health-timeout",
                  "250ms", "--health-retries=7", "--health-start-period", "1m30s",
                  "--health-start-interval", "1s", "/bin/true"})
          .health_check;
  EXPECT_EQ(check.test, (Words{"CMD-SHELL", "test -e /up"}));
  EXPECT_EQ(check.interval, 5'000'000'000);
  EXPECT_EQ(check.timeout, 250'000'000);
  EXPECT_EQ(check.retries, 7);
  EXPECT_EQ(check.start_period, 90'000'000'000);
  EXPECT_EQ(check.start_interval, 1'000'000'000);
}

TEST(HealthOptions, NoneOfThemIsNoCheck) {
  EXPECT_TRUE(request_of({"/bin/true"}).health_check.test.empty());
  EXPECT_TRUE(request_of({"--health-cmd=", "/bin/true"}).health_check.test.empty());
}

TEST(HealthOptions, NoHealthcheckStandsAlone) {
  EXPECT_EQ(request_of({"--no-healthcheck", "/bin/true"}).health_check.test, (Words{"NONE"}));
  EXPECT_EQ(error_of({"--no-healthcheck", "--health-retries=1", "/bin/true"}),
            "--no-healthcheck conflicts with --health-* options");
  EXPECT_TRUE(request_of({"--no-healthcheck=false", "/bin/true"}).health_check.test.empty());
}

TEST(HealthOptions, RefuseWhatIsNoTimeOrNumber) {
  for (const char* wrong : {"5", "-5s", "1us", "soon", ""}) {
    EXPECT_NE(error_of({"--health-interval", wrong, "/bin/true"}), "") << wrong;
  }
  EXPECT_NE(error_of({"--health-retries", "-1", "/bin/true"}), "");
  EXPECT_NE(error_of({"--health-retries", "many", "/bin/true"}), "");
}

}  // namespace
}  // namespace mycontainer::cmd::options

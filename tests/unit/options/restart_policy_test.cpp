#include "cmd/options/restart_policy.h"

#include <gtest/gtest.h>

namespace mycontainer::cmd::options {
namespace {

using runtime::state::RestartKind;
using runtime::state::to_text;

TEST(RestartPolicy, IsReadAsDockerDoes) {
  for (const char* text : {"no", "always", "unless-stopped", "on-failure", "on-failure:3"}) {
    const auto policy = parse_restart_policy(text);
    ASSERT_TRUE(policy) << text;
    EXPECT_EQ(to_text(*policy), text);
  }
  EXPECT_EQ(parse_restart_policy("")->kind, RestartKind::kNo);
  EXPECT_EQ(parse_restart_policy("on-failure:0")->max_retries, 0);
}

TEST(RestartPolicy, RefusesWhatDockerRefuses) {
  const auto error = [](std::string_view text) {
    const auto policy = parse_restart_policy(text);
    return policy ? std::string("none") : policy.error().message();
  };
  EXPECT_NE(error("sometimes").find("unknown policy 'sometimes'"), std::string::npos);
  EXPECT_NE(error("on-failure:x").find("must be an integer"), std::string::npos);
  EXPECT_NE(error("on-failure:").find("must be an integer"), std::string::npos);
  EXPECT_NE(error("on-failure:-1").find("cannot be negative"), std::string::npos);
  EXPECT_NE(error("always:3").find("only be used with 'on-failure'"), std::string::npos);
}

}  // namespace
}  // namespace mycontainer::cmd::options

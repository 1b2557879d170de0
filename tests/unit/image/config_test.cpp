#include "rootfs/image/config.h"

#include <gtest/gtest.h>

namespace mycontainer::rootfs::image {
namespace {

const std::string kDiff = "sha256:" + std::string(64, 'b');

std::string config(const std::string& inner, const std::string& more = "") {
  return R"({"os":"linux","architecture":"amd64","config":)" + inner +
         R"(,"rootfs":{"type":"layers","diff_ids":[")" + kDiff + "\"]}" + more + "}";
}

TEST(Config, IsReadWithAllItsMembers) {
  const auto parsed = parse_config(config(
      R"({"User":"ada","WorkingDir":"/w","StopSignal":"SIGQUIT","Env":["A=1","B="],)"
      R"("Entrypoint":["/e"],"Cmd":["c","d"],"ExposedPorts":{"80/tcp":{},"53/udp":{}},)"
      R"("Volumes":{"/data":{}},"Labels":{"k":"v"},"Shell":["/bin/bash","-c"],"OnBuild":null,)"
      R"("Healthcheck":{"Test":["CMD","x"],"Interval":5000000000,"Retries":3}})",
      R"(,"created":"2026-01-02T03:04:05Z","author":"ada","history":)"
      R"([{"created_by":"RUN x"},{"empty_layer":true,"comment":"c"}])"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  const ContainerConfig& inner = parsed->config;
  EXPECT_EQ(inner.user, "ada");
  EXPECT_EQ(inner.env, (std::vector<std::string>{"A=1", "B="}));
  EXPECT_EQ(inner.exposed_ports, (std::vector<std::string>{"53/udp", "80/tcp"}));
  EXPECT_EQ(inner.volumes, std::vector<std::string>{"/data"});
  ASSERT_TRUE(inner.healthcheck);
  EXPECT_EQ(inner.healthcheck->interval, 5'000'000'000);
  EXPECT_EQ(inner.healthcheck->retries, 3);
  EXPECT_EQ(parsed->diff_ids[0].text(), kDiff);
  EXPECT_TRUE(parsed->history[1].empty_layer);
  EXPECT_EQ(to_json(*parse_config(to_json(*parsed))), to_json(*parsed));
}

TEST(Config, MayHaveNullWhereDockerWritesIt) {
  const auto parsed = parse_config(
      config(R"({"Cmd":null,"Env":null,"Labels":null,"Volumes":null,"ExposedPorts":null})"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_TRUE(parsed->config.cmd.empty());
  EXPECT_TRUE(parse_config(config("null")));
}

// Old images of Docker have a string where a list belongs.
TEST(Config, TakesAStringForAListOfOne) {
  EXPECT_EQ(parse_config(config(R"({"Cmd":"sh"})"))->config.cmd, std::vector<std::string>{"sh"});
}

// CVE-2026-57231: an entry without a value must never mean the host's.
TEST(Config, OfBrokenEnvironmentIsRefused) {
  EXPECT_FALSE(parse_config(config(R"({"Env":["PATH"]})")));
  EXPECT_FALSE(parse_config(config(R"({"Env":["=x"]})")));
  EXPECT_FALSE(parse_config(config(R"({"Env":[7]})")));
  EXPECT_FALSE(parse_config(config("{\"Env\":[\"A=\\u0000x\"]}")));
}

TEST(Config, WithWrongTypesIsRefused) {
  for (const char* inner :
       {R"({"User":1})", R"({"Cmd":[1]})", R"({"Volumes":[]})", R"({"Labels":{"a":1}})",
        R"({"Healthcheck":[]})", R"({"Healthcheck":{"Interval":-1}})",
        R"({"Healthcheck":{"Retries":99999999999}})", R"({"WorkingDir":"a\u0000b"})", "[]", "7"}) {
    EXPECT_FALSE(parse_config(config(inner))) << inner;
  }
  EXPECT_FALSE(parse_config(R"({"config":{}})"));
  EXPECT_FALSE(parse_config(R"({"rootfs":{"diff_ids":["sha256:../x"]}})"));
  EXPECT_FALSE(parse_config(""));
}

}  // namespace
}  // namespace mycontainer::rootfs::image

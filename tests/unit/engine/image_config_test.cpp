#include "runtime/engine/image_config.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::engine {
namespace {

using rootfs::image::Config;
using rootfs::image::Healthcheck;
using Strings = std::vector<std::string>;

Config with_healthcheck(Healthcheck check) {
  Config config;
  config.config.healthcheck = std::move(check);
  return config;
}

TEST(ImageConfigFrom, EveryMemberOfTheImagesConfigurationArrives) {
  Config config;
  config.config.env = {"A=1"};
  config.config.entrypoint = {"/entry"};
  config.config.cmd = {"one", "two"};
  config.config.user = "ada:staff";
  config.config.working_directory = "srv";
  config.config.stop_signal = "SIGQUIT";
  config.config.labels = {{"k", "v"}};
  config.config.exposed_ports = {"80", "53/udp", "8000-8010/tcp"};
  config.config.volumes = {"/data"};
  config.config.shell = {"/bin/ash", "-ec"};
  config.config.healthcheck = Healthcheck{{"CMD-SHELL", "true"}, 2'000'000, 3'000'000, 0, 0, 5};
  const auto image = image_config_from(config);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->env, (Strings{"A=1"}));
  EXPECT_EQ(image->entrypoint, (Strings{"/entry"}));
  EXPECT_EQ(image->cmd, (Strings{"one", "two"}));
  EXPECT_EQ(image->user, "ada:staff");
  EXPECT_EQ(image->working_directory, "srv");
  EXPECT_EQ(image->stop_signal, "SIGQUIT");
  EXPECT_EQ(image->labels.at("k"), "v");
  EXPECT_EQ(image->exposed_ports, (Strings{"80/tcp", "53/udp", "8000-8010/tcp"}));
  EXPECT_EQ(image->volumes, (Strings{"/data"}));
  EXPECT_EQ(image->health_check.test, (Strings{"CMD-SHELL", "true"}));
  EXPECT_EQ(image->health_check.interval, 2'000'000);
  EXPECT_EQ(image->health_check.timeout, 3'000'000);
  EXPECT_EQ(image->health_check.retries, 5);
  EXPECT_EQ(image->health_check.shell, (Strings{"/bin/ash", "-ec"}));
}

TEST(ImageConfigFrom, HostileStopSignalsAreRefused) {
  for (const char* text : {"SIGNOTHING", "0", "65", "-9", "9 ", "15\n", "RTMIN+99"}) {
    Config config;
    config.config.stop_signal = text;
    EXPECT_FALSE(image_config_from(config)) << text;
  }
  for (const char* text : {"9", "term", "SIGRTMIN+3", "64"}) {
    Config config;
    config.config.stop_signal = text;
    EXPECT_TRUE(image_config_from(config)) << text;
  }
}

TEST(ImageConfigFrom, HostilePortsAndVolumesAreRefused) {
  for (const char* text : {"", "x", "80/icmp", "65536", "-1", "1-", "1-2-3", "80/tcp/tcp"}) {
    Config config;
    config.config.exposed_ports = {text};
    EXPECT_FALSE(image_config_from(config)) << text;
  }
  for (const std::string& path : {std::string("data"), std::string("/a\0b", 4), std::string()}) {
    Config config;
    config.config.volumes = {path};
    EXPECT_FALSE(image_config_from(config)) << path;
  }
}

TEST(ImageConfigFrom, AHealthCheckThatWouldNeverRestIsRefused) {
  EXPECT_FALSE(image_config_from(with_healthcheck({{"CMD", "x"}, 1, 0, 0, 0, 0})));
  EXPECT_TRUE(image_config_from(with_healthcheck({{"CMD", "x"}, 1'000'000, 0, 0, 0, 0})));
}

TEST(MergedHealthCheck, WhatTheUserDoesNotSayIsTheImages) {
  const state::HealthCheck image{{"CMD", "image"}, 1, 2, 3, 4, 5, {"/bin/ash"}};
  auto merged = merged_health_check({{}, 0, 20, 0, 0, 0}, image);
  EXPECT_EQ(merged.test, (Strings{"CMD", "image"}));
  EXPECT_EQ(merged.interval, 1);
  EXPECT_EQ(merged.timeout, 20);
  EXPECT_EQ(merged.retries, 5);
  merged = merged_health_check({{"CMD-SHELL", "mine"}, 0, 0, 0, 0, 0}, image);
  EXPECT_EQ(merged.test, (Strings{"CMD-SHELL", "mine"}));
  EXPECT_EQ(merged.start_period, 3);
  EXPECT_EQ(merged.shell, (Strings{"/bin/ash"}));
  EXPECT_EQ(merged_health_check({{"NONE"}, 0, 0, 0, 0, 0}, image).test, (Strings{"NONE"}));
}

TEST(ParseUser, UserAndGroupAreSplitAtTheFirstColon) {
  EXPECT_EQ(parse_user("ada").user, "ada");
  EXPECT_EQ(parse_user("ada").group, "");
  EXPECT_EQ(parse_user("1000:staff").user, "1000");
  EXPECT_EQ(parse_user("1000:staff").group, "staff");
  EXPECT_EQ(parse_user("a:b:c").group, "b:c");
}

}  // namespace
}  // namespace mycontainer::runtime::engine

#include "rootfs/image/platform.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace mycontainer::rootfs::image {
namespace {

Platform read(std::string_view text) {
  auto platform = parse_platform(text);
  EXPECT_TRUE(platform) << text << ": " << platform.error().message();
  return platform ? *platform : Platform{};
}

std::string spelled(std::string_view text) { return to_text(read(text)); }

Descriptor entry(const std::optional<Platform>& platform, std::uint64_t size = 1) {
  return {std::string(media_type::kOciManifest), {}, size, {}, platform};
}

// Which entry is chosen of those for `offered`; -1: none.
int chosen(const std::vector<std::string>& offered, std::string_view wanted) {
  std::vector<Descriptor> manifests;
  for (const std::string& text : offered) {
    const std::size_t slash = text.find('/'), variant = text.find('/', slash + 1);
    Platform platform{text.substr(0, slash), text.substr(slash + 1, variant - slash - 1), {}};
    if (variant != std::string::npos) platform.variant = text.substr(variant + 1);
    manifests.push_back(entry(platform));
  }
  const Descriptor* best = choose(manifests, read(wanted));
  return best == nullptr ? -1 : static_cast<int>(best - manifests.data());
}

TEST(Platform, EachHasOneSpelling) {
  EXPECT_EQ(spelled("linux/amd64"), "linux/amd64");
  EXPECT_EQ(spelled("Linux/X86_64"), "linux/amd64");
  EXPECT_EQ(spelled("linux/amd64/v1"), "linux/amd64");
  EXPECT_EQ(spelled("linux/amd64/v3"), "linux/amd64/v3");
  EXPECT_EQ(spelled("linux/aarch64"), "linux/arm64");
  EXPECT_EQ(spelled("linux/arm64/v8"), "linux/arm64");
  EXPECT_EQ(spelled("linux/arm64/8"), "linux/arm64");
  EXPECT_EQ(spelled("linux/arm"), "linux/arm/v7");
  EXPECT_EQ(spelled("linux/arm/6"), "linux/arm/v6");
  EXPECT_EQ(spelled("linux/armhf"), "linux/arm/v7");
  EXPECT_EQ(spelled("linux/armel"), "linux/arm/v6");
  EXPECT_EQ(spelled("linux/i386"), "linux/386");
  EXPECT_EQ(spelled("macos/arm64"), "darwin/arm64");
}

TEST(Platform, WhatIsNotSaidIsThisMachines) {
  const Platform host = host_platform();
  EXPECT_EQ(host.os, "linux");
  EXPECT_NE(host.architecture, "unknown");
  EXPECT_EQ(read("linux"), host);
  EXPECT_EQ(read(host.architecture).architecture, host.architecture);
  EXPECT_EQ(spelled("aarch64"), "linux/arm64");
  EXPECT_EQ(spelled("arm"), "linux/arm/v7");
  EXPECT_EQ(read("windows").architecture, host.architecture);
}

TEST(Platform, WhatIsNoneIsRefused) {
  for (const std::string text : {"", "/", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b", "plan",
                                 "linux/\xc3\xa4", "linux//v7", "linux/amd64\n"}) {
    const auto platform = parse_platform(text);
    ASSERT_FALSE(platform) << text;
    EXPECT_NE(platform.error().message().find("invalid platform"), std::string::npos) << text;
  }
  EXPECT_LT(parse_platform(std::string(1 << 20, 'x')).error().message().size(), 300u);
}

TEST(Platform, OlderVariantsRunOnNewerProcessorsNotTheOtherWayRound) {
  for (const auto& [wanted, offered, runs] : {std::tuple{"linux/arm/v7", "linux/arm/v6", true},
                                              {"linux/arm/v7", "linux/arm/v7", true},
                                              {"linux/arm/v6", "linux/arm/v7", false},
                                              {"linux/arm64", "linux/arm64/v8", true},
                                              {"linux/arm64", "linux/arm/v7", true},
                                              {"linux/arm/v7", "linux/arm64", false},
                                              {"linux/amd64", "linux/386", true},
                                              {"linux/386", "linux/amd64", false},
                                              {"linux/amd64", "linux/amd64/v2", false},
                                              {"linux/amd64/v3", "linux/amd64", true},
                                              {"linux/amd64/v3", "linux/amd64/v2", true},
                                              {"linux/amd64", "windows/amd64", false},
                                              {"linux/amd64", "linux/arm64", false},
                                              {"linux/riscv64", "linux/riscv64", true},
                                              {"linux/mips64le/hard", "linux/mips64le", false},
                                              {"linux/arm64", "linux/arm64/v9", false},
                                              {"linux/arm64/v9", "linux/arm64", true}}) {
    EXPECT_EQ(matches(read(wanted), read(offered)), runs) << offered << " on " << wanted;
  }
}

TEST(Platform, TheNearestEntryIsChosen) {
  EXPECT_EQ(chosen({"linux/386", "linux/arm64", "linux/amd64"}, "linux/amd64"), 2);
  EXPECT_EQ(chosen({"linux/386", "linux/arm64"}, "linux/amd64"), 0);
  EXPECT_EQ(chosen({"linux/arm/v5", "linux/arm/v7", "linux/arm/v6"}, "linux/arm/v7"), 1);
  EXPECT_EQ(chosen({"linux/arm/v5", "linux/arm/v7", "linux/arm/v6"}, "linux/arm/v6"), 2);
  EXPECT_EQ(chosen({"linux/arm/v7", "linux/arm64/v8"}, "linux/arm64"), 1);
  EXPECT_EQ(chosen({"linux/amd64/v3", "linux/amd64/v2", "linux/amd64"}, "linux/amd64/v2"), 1);
  EXPECT_EQ(chosen({"linux/amd64", "linux/amd64"}, "linux/amd64"), 0);
  EXPECT_EQ(chosen({"linux/s390x", "windows/amd64"}, "linux/amd64"), -1);
  EXPECT_EQ(chosen({}, "linux/amd64"), -1);
}

TEST(Platform, AttestationsAndEntriesWithoutAPlatformAreNotChosen) {
  EXPECT_EQ(chosen({"unknown/unknown", "linux/amd64", "unknown/unknown"}, "linux/amd64"), 1);
  EXPECT_EQ(chosen({"unknown/unknown", "linux/arm64"}, "linux/amd64"), -1);
  const std::vector<Descriptor> two = {entry(std::nullopt), entry(Platform{"linux", "amd64", {}})};
  EXPECT_EQ(choose(two, read("linux/amd64")), &two[1]);
  EXPECT_EQ(choose({two[0], two[0]}, read("linux/amd64")), nullptr);
}

TEST(Platform, TheOnlyEntryIsChosenWhenItDoesNotSayWhatItIsFor) {
  const std::vector<Descriptor> one = {entry(std::nullopt)};
  EXPECT_EQ(choose(one, read("linux/amd64")), &one[0]);
  EXPECT_EQ(chosen({"linux/arm64"}, "linux/amd64"), -1);
}

}  // namespace
}  // namespace mycontainer::rootfs::image

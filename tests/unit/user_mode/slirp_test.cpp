#include "runtime/network/user_mode/slirp.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mycontainer::runtime::network {
namespace {

PublishedPort web() {
  return {*Address::parse("0.0.0.0"), 8080, 80, Protocol::kTcp, *Address::parse("10.65.0.100")};
}

bool has(const std::vector<std::string>& arguments, const std::string& wanted) {
  return std::ranges::find(arguments, wanted) != arguments.end();
}

TEST(SlirpArguments, NothingLeadsToTheHostsLoopbackInterface) {
  const auto arguments = slirp_arguments(choose_addressing({}), false, false, 42);
  EXPECT_TRUE(has(arguments, "--disable-host-loopback"));
  EXPECT_TRUE(has(arguments, "--disable-dns"));
  EXPECT_TRUE(has(arguments, "--cidr=10.65.0.0/24"));
  EXPECT_EQ(arguments.back(), "eth0");
  EXPECT_EQ(arguments[arguments.size() - 2], "42");
}

TEST(SlirpArguments, NamesAreForwardedWhenTheyAreToBe) {
  EXPECT_FALSE(has(slirp_arguments(choose_addressing({}), true, false, 42), "--disable-dns"));
}

TEST(SlirpArguments, TheApiSocketIsThereForPublishedPortsOnly) {
  const std::string socket = "--api-socket=/proc/self/fd/5/slirp4netns.sock";
  EXPECT_FALSE(has(slirp_arguments(choose_addressing({}), true, false, 42), socket));
  EXPECT_TRUE(has(slirp_arguments(choose_addressing({}), true, true, 42), socket));
}

TEST(SlirpApi, APortIsAskedFor) {
  const auto request = slirp_request(web());
  ASSERT_TRUE(request);
  EXPECT_EQ(*request,
            R"({"arguments":{"guest_addr":"10.65.0.100","guest_port":80,"host_addr":"0.0.0.0",)"
            R"("host_port":8080,"proto":"tcp"},"execute":"add_hostfwd"})");
}

TEST(SlirpApi, SctpIsRefused) {
  PublishedPort port = web();
  port.protocol = Protocol::kSctp;
  EXPECT_FALSE(slirp_request(port));
}

TEST(SlirpApi, AnAnswerIsSuccessOrAReason) {
  EXPECT_TRUE(read_slirp_answer(R"({"return": {"id": 42}})", web()));
  const auto refused =
      read_slirp_answer(R"({"error": {"desc": "bad request: add_hostfwd"}})", web());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "slirp4netns: publish port 8080/tcp on 0.0.0.0: bad request: add_hostfwd");
}

TEST(SlirpApi, WhateverElseItSaysIsAnError) {
  for (const char* answer : {"", "{", "[]", "null", R"({"error": 3})"}) {
    EXPECT_FALSE(read_slirp_answer(answer, web())) << answer;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::network

#include "runtime/network/definition/attachment.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::network {
namespace {

Attachment an_attachment() {
  Endpoint endpoint{.network_id = std::string(64, 'b'),
                    .network_name = "web",
                    .driver = "bridge",
                    .interface = "eth0",
                    .host_interface = "mcv01234567890",
                    .mac = "02:42:0a:01:02:03",
                    .addresses = {{*Address::parse("10.1.2.3"), 24, Address::parse("10.1.2.1")},
                                  {*Address::parse("fd00::3"), 64, {}}},
                    .names = {"db", "0123456789ab"},
                    .aliases = {"db"},
                    .internal = true,
                    .gateway_priority = -3};
  PublishedPort port{.host_address = *Address::parse("::"),
                     .host_port = 8080,
                     .container_port = 80,
                     .protocol = Protocol::kSctp,
                     .target = *Address::parse("fd00::3")};
  return {.endpoints = {endpoint}, .ports = {port}, .provider = "pasta"};
}

TEST(Attachment, SurvivesItsFile) {
  const test::TemporaryDirectory directory;
  const UniqueFd fd(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(write_attachment(fd.get(), an_attachment()));
  const auto read = read_attachment(directory.path());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(to_json(*read), to_json(an_attachment()));
  const Endpoint& endpoint = read->endpoints.at(0);
  EXPECT_EQ(endpoint.addresses.at(0).gateway, Address::parse("10.1.2.1"));
  EXPECT_FALSE(endpoint.addresses.at(1).gateway);
  EXPECT_EQ(endpoint.gateway_priority, -3);
  EXPECT_EQ(read->ports.at(0).protocol, Protocol::kSctp);
}

TEST(Attachment, IsEmptyWhereThereIsNone) {
  const test::TemporaryDirectory directory;
  const auto read = read_attachment(directory.path());
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->endpoints.empty());
}

TEST(Attachment, TextsThatAreNoneAreErrors) {
  for (const char* text : {"", "{", "[]", "7"}) EXPECT_FALSE(attachment_from_json(text)) << text;
}

TEST(Attachment, WhatCannotBeReadIsLeftOut) {
  const auto read = attachment_from_json(
      R"({"endpoints":[{"addresses":[{"address":"x"},{"address":7}]},3],"ports":[{"target":"?"}]})");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->endpoints.size(), 1U);
  EXPECT_TRUE(read->endpoints.front().addresses.empty());
  EXPECT_TRUE(read->ports.empty());
}

}  // namespace
}  // namespace mycontainer::runtime::network

#include "cmd/options/registry_options.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "cmd/options/parse.h"

namespace mycontainer::cmd::options {
namespace {

struct Typed {
  bool quiet = false;
  RegistryOptions registry;
};
constexpr std::array kTable = {
    kAuthfile<&Typed::registry>,
    kCertDir<&Typed::registry>,
    Option{"quiet", 'q', "", "", flag<&Typed::quiet>},
    kTlsVerify<&Typed::registry>,
};

Result<RegistryOptions> read(const std::vector<const char*>& words) {
  Typed typed;
  TRY(const auto rest, parse_mixed(kTable, &typed, words));
  EXPECT_EQ(rest.size(), 1u);
  return typed.registry;
}

TEST(RegistryOptions, NothingIsSaidByDefault) {
  const auto options = read({"x"});
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->transport.tls_verify);
  EXPECT_EQ(options->transport.certificate_directory, "");
  EXPECT_EQ(options->authfile, "");
}

TEST(RegistryOptions, AreRead) {
  const auto options =
      read({"--tls-verify=false", "x", "--cert-dir", "/c/d", "--authfile=/home/../auth.json"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->transport.tls_verify, false);
  EXPECT_EQ(options->transport.certificate_directory, "/c/d");
  EXPECT_EQ(options->authfile, "/auth.json");
  EXPECT_EQ(read({"--tls-verify", "x"})->transport.tls_verify, true);
}

TEST(RegistryOptions, BadOnesAreRefused) {
  EXPECT_FALSE(read({"--tls-verify=perhaps", "x"}));
  EXPECT_FALSE(read({"--cert-dir=", "x"}));
  EXPECT_FALSE(read({"--authfile=", "x"}));
}

}  // namespace
}  // namespace mycontainer::cmd::options

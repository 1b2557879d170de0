#include "cmd/oci/globals.h"

#include <gtest/gtest.h>

#include <vector>

#include "cmd/oci/program.h"
#include "cmd/oci/words.h"

namespace mycontainer::cmd::oci {
namespace {

struct Parsed {
  Globals globals;
  std::vector<std::string> rest;
  std::string error;
};

Parsed parsed(const std::vector<const char*>& words) {
  Parsed result;
  const auto rest = parse_globals(result.globals, words);
  if (rest) {
    result.rest.assign(rest->begin(), rest->end());
  } else {
    result.error = rest.error().operation;
  }
  return result;
}

TEST(Globals, AreRuncs) {
  const Parsed all =
      parsed({"--root", "/r", "--log=/l", "--log-format", "json", "--debug", "--systemd-cgroup",
              "--criu", "criu", "--rootless=false", "state", "--root", "x"});
  EXPECT_EQ(all.error, "");
  EXPECT_EQ(all.globals.settings.root, "/r");
  EXPECT_EQ(all.globals.log, "/l");
  EXPECT_EQ(all.globals.log_format, LogFormat::kJson);
  EXPECT_TRUE(all.globals.debug);
  EXPECT_TRUE(all.globals.settings.systemd_cgroup);
  EXPECT_EQ(all.globals.settings.rootless, false);
  EXPECT_EQ(all.rest, (std::vector<std::string>{"state", "--root", "x"}));
}

TEST(Globals, AreAlsoCruns) {
  EXPECT_TRUE(parsed({"--cgroup-manager=systemd"}).globals.settings.systemd_cgroup);
  EXPECT_FALSE(
      parsed({"--systemd-cgroup", "--cgroup-manager=cgroupfs"}).globals.settings.systemd_cgroup);
  EXPECT_FALSE(parsed({"--rootless", "auto"}).globals.settings.rootless);
  EXPECT_EQ(parsed({"--rootless", "true"}).globals.settings.rootless, true);
}

TEST(Globals, AreTextUnlessAskedOtherwise) {
  const Parsed none = parsed({});
  EXPECT_EQ(none.globals.log_format, LogFormat::kText);
  EXPECT_EQ(none.globals.log, "");
  EXPECT_FALSE(none.globals.settings.systemd_cgroup);
  EXPECT_FALSE(none.globals.settings.rootless);
}

TEST(Globals, SayWhichOneIsWrong) {
  for (const auto& [words, part] :
       {std::pair<std::vector<const char*>, const char*>{{"--log-format", "xml"}, "--log-format"},
        {{"--cgroup-manager", "mine"}, "--cgroup-manager"},
        {{"--rootless", "perhaps"}, "--rootless"},
        {{"--root="}, "--root"},
        {{"--root"}, "needs an argument"},
        {{"--rot", "x"}, "unknown flag: --rot"}}) {
    EXPECT_NE(parsed(words).error.find(part), std::string::npos) << parsed(words).error;
  }
}

// The error belongs into the log that was named before it.
TEST(Globals, KeepWhatCameBeforeAnError) {
  const Parsed broken = parsed({"--log", "/l", "--log-format", "json", "--debug=x"});
  EXPECT_NE(broken.error, "");
  EXPECT_EQ(broken.globals.log, "/l");
  EXPECT_EQ(broken.globals.log_format, LogFormat::kJson);
}

TEST(Program, IsKnownByItsName) {
  for (const char* name : {"mycontainer-oci", "/usr/bin/mycontainer-oci", "./mycontainer-oci"}) {
    EXPECT_TRUE(is_oci_program(std::vector<const char*>{name, "x"})) << name;
  }
  for (const char* name : {"mycontainer", "mycontainer-ocix", "", "mycontainer-oci/run"}) {
    EXPECT_FALSE(is_oci_program(std::vector<const char*>{name})) << name;
  }
  EXPECT_FALSE(is_oci_program({}));
}

struct Typed {
  bool force = false;
};
constexpr std::array kForce = {options::Option{"force", 'f', "", "", flag<&Typed::force>}};

TEST(Words, MayStandBeforeOptions) {
  for (const auto& words : {std::vector<const char*>{"--force", "id"},
                            {"id", "--force"},
                            {"id", "-f"},
                            {"-f", "--", "id"}}) {
    Typed typed;
    const auto left = parse_anywhere(kForce, &typed, words);
    ASSERT_TRUE(left);
    EXPECT_EQ(*left, (Words{"id"}));
    EXPECT_TRUE(typed.force);
  }
  Typed typed;
  EXPECT_FALSE(parse_anywhere(kForce, &typed, std::vector<const char*>{"id", "--farce"}));
}

TEST(Words, AreOneId) {
  EXPECT_EQ(only_id({"a"}).value(), "a");
  EXPECT_EQ(only_id({}).error().operation, "the container's id is missing");
  EXPECT_EQ(only_id({"a", "b"}).error().operation,
            "too many arguments after the container's id: b");
}

TEST(DescriptorCount, IsNotNegative) {
  EXPECT_EQ(parse_descriptor_count("0").value(), 0);
  EXPECT_EQ(parse_descriptor_count("12").value(), 12);
  for (const char* text : {"-1", "", "x", "1x", "99999999999"}) {
    EXPECT_FALSE(parse_descriptor_count(text)) << text;
  }
}

}  // namespace
}  // namespace mycontainer::cmd::oci

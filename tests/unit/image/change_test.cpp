#include "rootfs/image/change.h"

#include <gtest/gtest.h>

namespace mycontainer::rootfs::image {
namespace {

using Words = std::vector<std::string>;

ContainerConfig changed(const Words& changes, ContainerConfig config = {}) {
  const auto done = apply_changes(config, changes);
  EXPECT_TRUE(done) << done.error().message();
  return config;
}

std::string refusal(const std::string& change) {
  ContainerConfig config;
  config.user = "before";
  const auto done = apply_changes(config, {"USER after", change});
  EXPECT_FALSE(done) << change;
  EXPECT_EQ(config.user, "before") << "half of a failed change was applied";
  return done ? "" : done.error().message();
}

TEST(Change, AShellFormGoesToTheShellOfTheImage) {
  EXPECT_EQ(changed({"CMD echo  $HOME"}).cmd, (Words{"/bin/sh", "-c", "echo  $HOME"}));
  ContainerConfig config;
  config.shell = {"/bin/bash", "-ec"};
  EXPECT_EQ(changed({"ENTRYPOINT serve"}, config).entrypoint, (Words{"/bin/bash", "-ec", "serve"}));
}

TEST(Change, AnExecFormIsTakenAsItStands) {
  EXPECT_EQ(changed({R"(cmd ["a b", "$HOME", "\""])"}).cmd, (Words{"a b", "$HOME", "\""}));
  EXPECT_EQ(changed({"CMD []"}).cmd, Words{});
}

TEST(Change, WhatIsNoListOfStringsIsAShellForm) {
  EXPECT_EQ(changed({"CMD ['a']"}).cmd, (Words{"/bin/sh", "-c", "['a']"}));
  EXPECT_EQ(changed({"CMD [1]"}).cmd, (Words{"/bin/sh", "-c", "[1]"}));
  EXPECT_EQ(changed({R"(CMD ["a"],"words":["b"])"}).cmd,
            (Words{"/bin/sh", "-c", R"(["a"],"words":["b"])"}));
}

TEST(Change, AnEntrypointTakesTheInheritedCommandAwayButNotOneJustSet) {
  ContainerConfig config;
  config.cmd = {"old"};
  EXPECT_EQ(changed({R"(ENTRYPOINT ["/e"])"}, config).cmd, Words{});
  EXPECT_EQ(changed({R"(CMD ["new"])", R"(ENTRYPOINT ["/e"])"}, config).cmd, Words{"new"});
}

TEST(Change, EnvReplacesAddsAndQuotes) {
  ContainerConfig config;
  config.env = {"A=1", "B=2"};
  EXPECT_EQ(changed({R"(ENV A=x C="y  z" D=a\ b E='$A')"}, config).env,
            (Words{"A=x", "B=2", "C=y  z", "D=a b", "E=$A"}));
  EXPECT_EQ(changed({"ENV A one   two"}, config).env, (Words{"A=one   two", "B=2"}));
}

TEST(Change, VariablesAreThoseOfTheInstructionsBefore) {
  ContainerConfig config;
  config.env = {"PATH=/bin"};
  EXPECT_EQ(
      changed({"ENV X=1 Y=$X.", "ENV Z=${X}-${N:-none}${X:+set}", "ENV PATH=/a:$PATH"}, config).env,
      (Words{"PATH=/a:/bin", "X=1", "Y=.", "Z=1-noneset"}));
  EXPECT_EQ(changed({"ENV D=/srv", "WORKDIR $D/x", "USER ${U:-ada}"}).working_directory, "/srv/x");
  EXPECT_EQ(changed({R"(LABEL a=\$HOME b="\$x" c=$)"}).labels,
            (StringMap{{"a", "$HOME"}, {"b", "$x"}, {"c", "$"}}));
}

TEST(Change, ExposedPortsAreASortedSet) {
  EXPECT_EQ(changed({"EXPOSE 80 53/UDP", "EXPOSE 80/tcp 8000-8002"}).exposed_ports,
            (Words{"53/udp", "80/tcp", "8000/tcp", "8001/tcp", "8002/tcp"}));
}

TEST(Change, VolumesComeInBothForms) {
  EXPECT_EQ(changed({R"(VOLUME ["/b c", "/a"])", "VOLUME /a /d"}).volumes,
            (Words{"/a", "/b c", "/d"}));
}

TEST(Change, AWorkingDirectoryIsRelativeToTheOneBefore) {
  EXPECT_EQ(changed({"WORKDIR /a", "WORKDIR b", "WORKDIR ../c/."}).working_directory, "/a/c");
  EXPECT_EQ(changed({"WORKDIR x"}).working_directory, "/x");
  EXPECT_EQ(changed({"WORKDIR ../../.."}).working_directory, "/");
}

TEST(Change, AHealthcheckHasOptionsAndTwoForms) {
  const auto check =
      changed({"HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f http://x || exit 1"})
          .healthcheck;
  ASSERT_TRUE(check);
  EXPECT_EQ(check->test, (Words{"CMD-SHELL", "curl -f http://x || exit 1"}));
  EXPECT_EQ(check->interval, 90'000'000'000);
  EXPECT_EQ(check->retries, 3);
  EXPECT_EQ(changed({R"(HEALTHCHECK cmd ["a", "b"])"}).healthcheck->test, (Words{"CMD", "a", "b"}));
  EXPECT_EQ(changed({"HEALTHCHECK NONE"}).healthcheck->test, Words{"NONE"});
}

TEST(Change, TheRestIsTakenAsItIs) {
  const auto config = changed({"STOPSIGNAL SIGINT", "USER ada:staff", "ONBUILD RUN make $X"});
  EXPECT_EQ(config.stop_signal, "SIGINT");
  EXPECT_EQ(config.user, "ada:staff");
  EXPECT_EQ(config.on_build, Words{"RUN make $X"});
}

TEST(Change, ATextMayHaveSeveralLines) {
  const auto config = changed({"# comment\nENV A=1 \\\n  # another\n  B=2\n\nUSER ada\n"});
  EXPECT_EQ(config.env, (Words{"A=1", "B=2"}));
  EXPECT_EQ(config.user, "ada");
}

TEST(Change, WhatOnlyABuildCanDoIsRefused) {
  EXPECT_EQ(refusal("RUN rm -rf /"), "RUN is not a valid change command");
  EXPECT_EQ(refusal("copy a b"), "COPY is not a valid change command");
  EXPECT_EQ(refusal("FOO bar"), "unknown instruction: FOO");
}

TEST(Change, MistakesAreNamed) {
  EXPECT_EQ(refusal("CMD"), "CMD requires at least one argument");
  EXPECT_EQ(refusal("ENV A"), "ENV must have two arguments");
  EXPECT_EQ(refusal("ENV A=1 B"),
            "Syntax error - can't find = in \"B\". Must be of the form: name=value");
  EXPECT_EQ(refusal("ENV =1"), "ENV names can not be blank");
  EXPECT_EQ(refusal("EXPOSE 70000"), "Invalid containerPort: 70000");
  EXPECT_EQ(refusal("EXPOSE 80/icmp"), "invalid proto: icmp");
  EXPECT_EQ(refusal("EXPOSE 9-8"), "invalid range format for port: 9-8");
  EXPECT_EQ(refusal("HEALTHCHECK --nope=1 CMD x"), "Unknown flag: nope");
  EXPECT_EQ(refusal("HEALTHCHECK NONE x"), "HEALTHCHECK NONE takes no arguments");
  EXPECT_EQ(refusal("HEALTHCHECK RUN x"), "Unknown type \"RUN\" in HEALTHCHECK (try CMD)");
  EXPECT_EQ(refusal("ONBUILD ONBUILD RUN x"),
            "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  EXPECT_EQ(refusal("ONBUILD FROM x"), "FROM isn't allowed as an ONBUILD trigger");
  EXPECT_EQ(refusal("LABEL a=\"x"), "unexpected end of statement: no closing quote");
  EXPECT_EQ(refusal("LABEL a=${x"), "syntax error: missing '}'");
  EXPECT_EQ(refusal("LABEL a=${x:?y}"), "unsupported modifier (:?) in substitution");
}

TEST(Change, SubstitutionsMayNotNestWithoutEnd) {
  std::string word;
  for (int depth = 0; depth < 10000; ++depth) word += "${A:-";
  word += std::string(10000, '}');
  EXPECT_EQ(refusal("LABEL a=" + word), "substitutions are nested too deep");
}

}  // namespace
}  // namespace mycontainer::rootfs::image

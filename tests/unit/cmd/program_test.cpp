#include "cmd/program.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cmd/log_sink.h"
#include "reexec/sys/log.h"

namespace mycontainer::cmd {
namespace {

struct Output {
  int code = 0;
  std::string out, err;
};

Output output_of(const std::vector<const char*>& words) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int code = run_program(words);
  return {code, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Program, ShowsTheVerbsByGroups) {
  const Output help = output_of({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_EQ(help.err, "");
  EXPECT_TRUE(contains(help.out, "Usage:  mycontainer [OPTIONS] COMMAND\n")) << help.out;
  EXPECT_TRUE(contains(help.out, "\nCommon Commands:\n  run       ")) << help.out;
  EXPECT_TRUE(contains(help.out, "\nGlobal Options:\n  -D, --debug ")) << help.out;
}

TEST(Program, ShowsTheSameHelpHoweverItIsAskedFor) {
  const std::string help = output_of({"--help"}).out;
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{}, {"-h"}, {"help"}, {"help", "--help"}}) {
    const Output other = output_of(words);
    EXPECT_EQ(other.code, 0);
    EXPECT_EQ(other.out, help);
  }
}

TEST(Program, ShowsTheHelpOfAVerb) {
  for (const char* verb : {"run", "version"}) {
    const Output typed = output_of({verb, "--help"});
    EXPECT_EQ(typed.code, 0);
    EXPECT_TRUE(contains(typed.out, std::string("Usage:  mycontainer ") + verb)) << typed.out;
    EXPECT_EQ(output_of({"help", verb}).out, typed.out);
  }
  EXPECT_TRUE(contains(output_of({"run", "--help"}).out, "  -e, --env list "));
}

TEST(Program, NeverShowsAHiddenEntry) {
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{"--help"}, {"run", "--help"}, {"version", "--help"}}) {
    EXPECT_FALSE(contains(output_of(words).out, "mycontainer-"));
  }
  for (const char* hidden : {"init", "mycontainer-init"}) {
    const Output refused = output_of({hidden});
    EXPECT_EQ(refused.code, 125);
    EXPECT_TRUE(contains(refused.err, "unknown command")) << refused.err;
  }
}

TEST(Program, SuggestsTheNearestVerb) {
  const Output typo = output_of({"rnu", "alpine"});
  EXPECT_EQ(typo.code, 125);
  EXPECT_EQ(typo.out, "");
  EXPECT_EQ(typo.err, "mycontainer: unknown command: rnu\nhint: did you mean 'run'?\n");
  EXPECT_EQ(output_of({"help", "verson"}).err,
            "mycontainer: help: unknown command: verson\nhint: did you mean 'version'?\n");
  EXPECT_TRUE(contains(output_of({"compose"}).err, "'mycontainer --help' lists the commands"));
}

TEST(Program, SaysWhatIsWrongOnceAndWhere) {
  EXPECT_EQ(output_of({"run", "-m", "x", "/bin/true"}).err,
            "mycontainer: run: invalid argument \"x\" for \"-m, --memory\" flag: invalid size: "
            "'x'\nhint: see 'mycontainer run --help'\n");
  EXPECT_EQ(output_of({"--rooot=/x", "run"}).err,
            "mycontainer: unknown flag: --rooot\nhint: did you mean --root?\n");
  EXPECT_EQ(output_of({"version", "now"}).err,
            "mycontainer: version: accepts no arguments\nhint: see 'mycontainer version --help'\n");
}

TEST(Program, TellsItsVersionAndTheKernels) {
  const Output brief = output_of({"--version"});
  EXPECT_EQ(brief.code, 0);
  EXPECT_TRUE(brief.out.starts_with("mycontainer version 0.")) << brief.out;
  EXPECT_EQ(output_of({"-v"}).out, brief.out);
  const Output full = output_of({"version"});
  EXPECT_EQ(full.code, 0);
  EXPECT_TRUE(contains(full.out, "\nKernel:\n Release: ")) << full.out;
}

TEST(LogSink, WritesALineWithItsLevelToStandardError) {
  ::testing::internal::CaptureStderr();
  reexec::sys::set_log(LogLevel::kInfo, write_log);
  log_debug("not {}", "shown");
  log_info("shown {}", 1);
  reexec::sys::set_log(LogLevel::kOff, nullptr);
  log_warn("not shown");
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.ends_with(" info shown 1\n")) << text;
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
}

TEST(Log, FormatsNothingBelowItsLevel) {
  static int count = 0;
  reexec::sys::set_log(LogLevel::kWarn, [](LogLevel, std::string_view) noexcept { ++count; });
  log_info("{}", 1);
  EXPECT_EQ(count, 0);
  log_warn("{}", 1);
  EXPECT_EQ(count, 1);
  reexec::sys::set_log(LogLevel::kOff, nullptr);
}

}  // namespace
}  // namespace mycontainer::cmd

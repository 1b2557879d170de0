#include "cmd/options/run_options.h"

#include <set>

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::engine::RootSource;
using runtime::engine::RunRequest;
using Words = std::vector<std::string>;

TEST(ParseRun, LeavesAllAfterTheImageToTheContainer) {
  const RunRequest request = request_of({"alpine", "ls", "--name", "y", "-it", "--", "--help"});
  EXPECT_EQ(request.root.kind, RootSource::Kind::kImage);
  EXPECT_EQ(request.root.name, "alpine");
  EXPECT_EQ(request.command, (Words{"ls", "--name", "y", "-it", "--", "--help"}));
  EXPECT_EQ(request.name, "");
  EXPECT_FALSE(request.terminal);
}

TEST(ParseRun, LeavesAllAfterTheCommandToTheContainer) {
  const RunRequest request = request_of({"-i", "/bin/ls", "--name", "y", "-t"});
  EXPECT_EQ(request.root.kind, RootSource::Kind::kBuiltin);
  EXPECT_EQ(request.command, (Words{"/bin/ls", "--name", "y", "-t"}));
  EXPECT_TRUE(request.interactive);
  EXPECT_FALSE(request.terminal);
}

TEST(ParseRun, TakesAPathForACommandInTheBuiltinRoot) {
  EXPECT_EQ(request_of({"/bin/sh"}).command, (Words{"/bin/sh"}));
  EXPECT_EQ(request_of({"./x"}).command, (Words{"./x"}));
  EXPECT_EQ(request_of({"--", "/bin/sh"}).root.kind, RootSource::Kind::kBuiltin);
}

TEST(ParseRun, TakesBusyboxForTheBuiltinRoot) {
  const RunRequest request = request_of({"busybox", "echo", "a b"});
  EXPECT_EQ(request.root.kind, RootSource::Kind::kBuiltin);
  EXPECT_EQ(request.command, (Words{"echo", "a b"}));
  EXPECT_TRUE(request_of({"busybox"}).command.empty());
}

TEST(ParseRun, TakesTheFirstWordForTheCommandAfterRootfs) {
  const RunRequest request = request_of({"--rootfs", "/srv/root", "alpine", "-x"});
  EXPECT_EQ(request.root.kind, RootSource::Kind::kDirectory);
  EXPECT_EQ(request.root.name, "/srv/root");
  EXPECT_FALSE(request.root.overlay);
  EXPECT_EQ(request.command, (Words{"alpine", "-x"}));
}

TEST(ParseRun, PutsAnOverlayOverARootfsWithO) {
  const RunRequest request = request_of({"--rootfs", "/:O", "/bin/bash"});
  EXPECT_EQ(request.root.name, "/");
  EXPECT_TRUE(request.root.overlay);
}

TEST(ParseRun, NeedsAnImageOrACommand) {
  EXPECT_EQ(error_of({}), "an image or a command is needed");
  EXPECT_EQ(error_of({"-it"}), "an image or a command is needed");
  EXPECT_EQ(error_of({"--rootfs", "/x"}), "no command specified");
  EXPECT_EQ(error_of({""}), "invalid reference format");
}

TEST(ParseRun, KeepsEmptyArgumentsAndTheirOrder) {
  EXPECT_EQ(request_of({"/bin/echo", "", "a  b", ""}).command,
            (Words{"/bin/echo", "", "a  b", ""}));
}

TEST(ParseRun, AsksForHelpWithoutNeedingACommand) {
  const auto parsed = parse_words({"--help"});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->help);
}

TEST(ParseRun, SaysWhichOptionLacksItsValue) {
  EXPECT_EQ(error_of({"--name"}), "flag needs an argument: --name");
  EXPECT_EQ(error_of({"-it", "-e"}), "flag needs an argument: --env");
}

TEST(ParseRun, NamesTheOptionAndItsBadValue) {
  EXPECT_EQ(error_with({"-m", "3x5"}),
            "invalid argument \"3x5\" for \"-m, --memory\" flag: invalid size: '3x5'");
}

TEST(ParseRun, TakesTheLastOfARepeatedOption) {
  EXPECT_EQ(request_with({"--name", "one", "--name", "two"}).name, "two");
  EXPECT_FALSE(request_with({"-t", "--tty=false"}).terminal);
}

TEST(ParseRun, RefusesABadValueEvenWhenALaterOneIsGood) {
  EXPECT_NE(error_with({"-m", "x", "-m", "64m"}), "");
}

struct Flag {
  const char* name;
  bool RunRequest::*member;
};

TEST(ParseRun, SetsAndClearsEveryFlag) {
  const std::vector<Flag> flags = {
      {"--interactive", &RunRequest::interactive},
      {"-i", &RunRequest::interactive},
      {"--tty", &RunRequest::terminal},
      {"-t", &RunRequest::terminal},
      {"--detach", &RunRequest::detach},
      {"-d", &RunRequest::detach},
      {"--rm", &RunRequest::remove},
      {"--init", &RunRequest::init},
      {"--read-only", &RunRequest::read_only},
      {"--privileged", &RunRequest::privileged},
      {"--dry-run", &RunRequest::dry_run},
  };
  for (const Flag& flag : flags) {
    EXPECT_FALSE(request_with({}).*flag.member) << flag.name;
    EXPECT_TRUE(request_with({flag.name}).*flag.member) << flag.name;
    const std::string off = std::string(flag.name) + "=false";
    EXPECT_FALSE(request_with({flag.name, off.c_str()}).*flag.member) << off;
    const std::string bad = std::string(flag.name) + "=maybe";
    expect_errors({{{bad.c_str()}, "neither true nor false"}});
  }
}

TEST(ParseRun, TakesMydockersSpellingOfATerminal) {
  const RunRequest request = request_with({"-ti"});
  EXPECT_TRUE(request.terminal);
  EXPECT_TRUE(request.interactive);
}

TEST(ParseRun, TracesToATableOrAFile) {
  EXPECT_FALSE(request_with({}).trace.enabled);
  EXPECT_TRUE(request_with({"--trace"}).trace.enabled);
  EXPECT_EQ(request_with({"--trace"}).trace.file, "");
  EXPECT_EQ(request_with({"--trace=/tmp/x.json"}).trace.file, "/tmp/x.json");
  EXPECT_FALSE(request_with({"--trace=false"}).trace.enabled);
}

TEST(ParseRun, DoesNotTakeTheCommandForTheTracesFile) {
  EXPECT_EQ(request_of({"--trace", "/bin/true"}).command, (Words{"/bin/true"}));
}

// Docker's older spellings, and what is refused.
const std::set<std::string_view> kHidden = {"dns-opt", "link", "link-local-ip", "net", "net-alias"};

TEST(RunOptions, HaveUniqueNamesInOrder) {
  std::set<char> letters;
  std::string_view previous;
  for (const Option& option : run_options()) {
    EXPECT_LT(previous, std::string_view(option.name));
    previous = option.name;
    const bool hidden = kHidden.contains(option.name);
    EXPECT_EQ(std::string_view(option.help) == "", hidden) << option.name;
    if (option.letter == 0) continue;
    EXPECT_TRUE(letters.insert(option.letter).second) << option.letter;
  }
}

}  // namespace
}  // namespace mycontainer::cmd::options

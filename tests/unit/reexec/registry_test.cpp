#include "reexec/registry.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "reexec/command.h"
#include "tests/unit/reexec/entries.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

int nothing(Invocation&) { return 0; }

TEST(Registry, KnowsADefectiveTableAtCompileTime) {
  constexpr std::array<Entry, 2> kGood{Entry{"a", nothing}, Entry{"b", nothing}};
  static_assert(table_defect(kGood) == nullptr);
  constexpr std::array<Entry, 2> kTwice{Entry{"a", nothing}, Entry{"a", nothing}};
  static_assert(table_defect(kTwice) != nullptr);
  constexpr std::array<Entry, 1> kPath{Entry{"a/b", nothing}};
  static_assert(table_defect(kPath) != nullptr);
  constexpr std::array<Entry, 1> kNameless{Entry{"", nothing}};
  static_assert(table_defect(kNameless) != nullptr);
}

TEST(Registry, NamesTheDuplicateOfATableBuiltAtRunTime) {
  const std::vector<Entry> entries{{"a", nothing}, {"b", nothing}, {"a", nothing}};
  const auto sound = check_table(entries);
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().message(),
            "register \"a\": two entries have the same name: Invalid argument (EINVAL)");
  EXPECT_TRUE(check_table(std::span(entries).first(2)));
  const std::vector<Entry> empty{{"a", nullptr}};
  EXPECT_EQ(check_table(empty).error().operation, "register \"a\": the entry has no function");
}

TEST(Registry, LetsMainGoOnForAnyOtherName) {
  for (const char* name : {"mycontainer", "/usr/bin/mycontainer", "", "exit-with-not", "/"}) {
    std::string text = name;
    std::array<char*, 2> argv{text.data(), nullptr};
    EXPECT_EQ(dispatch(1, argv.data(), kEntries), std::nullopt) << name;
  }
  EXPECT_EQ(dispatch(0, nullptr, kEntries), std::nullopt);
}

TEST(Registry, RefusesAnEntryStartedByHandAndNamesTheCommandToUse) {
  for (const char* name : {"divide", "/some/where/divide"}) {
    const auto output = Command::program("/proc/self/exe").argv0(name).output();
    ASSERT_TRUE(output) << output.error().message();
    EXPECT_EQ(output->status.shell_code(), kStartedByHand);
    EXPECT_EQ(output->out, "");
    EXPECT_EQ(output->err, "divide: this command is internal, use \"calculator divide\"\n");
  }
}

TEST(Registry, RefusesASymbolicLinkToTheProgramNamedLikeAnEntry) {
  const TemporaryDirectory directory;
  const std::string link = directory.path() + "/add";
  std::array<char, 4096> self{};
  ASSERT_GT(::readlink("/proc/self/exe", self.data(), self.size() - 1), 0);
  ASSERT_EQ(::symlink(self.data(), link.c_str()), 0);
  const auto output = Command::program(link).output();
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status.shell_code(), kStartedByHand);
  EXPECT_EQ(output->err, "add: this command is internal\n");
}

// A descriptor 3 that is no channel of ours: a file, a stream socket, a silent or a lying peer.
TEST(Registry, RefusesDescriptorThreeThatIsNotItsStartersChannel) {
  auto silent = Channel::make();
  auto lying = Channel::make();
  ASSERT_TRUE(silent && lying);
  ASSERT_TRUE(lying->first.send(kHelloType, hello_message("another-entry")));
  for (const int fd : {STDIN_FILENO, silent->second.fd(), lying->second.fd()}) {
    const auto output =
        Command::program("/proc/self/exe").argv0("add").give(fd, kChannelFd).output();
    ASSERT_TRUE(output) << output.error().message();
    EXPECT_EQ(output->status.shell_code(), kStartedByHand);
  }
}

// The seed's fork bomb: argv = {"/proc/self/exe", "childProcess"} names no entry, so main runs
// again. Here main of a copy is told to list its tests, and it starts nothing.
TEST(Registry, CannotRecurseThroughAnArgumentThatNamesAnEntry) {
  const auto output =
      Command::program("/proc/self/exe").arg("add").arg("--gtest_list_tests").output();
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status.shell_code(), 0);
  EXPECT_NE(output->out.find("Registry."), std::string::npos);
}

TEST(Registry, NamesTheProcessAfterItsEntry) {
  const auto look = kLook();
  ASSERT_TRUE(look);
  EXPECT_EQ(look->comm, "look\n");
}

}  // namespace
}  // namespace mycontainer::reexec::testing

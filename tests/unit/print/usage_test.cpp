#include "cmd/print/usage.h"

#include <gtest/gtest.h>

#include <array>

#include "cmd/options/run_options.h"
#include "cmd/print/error.h"

namespace mycontainer::cmd::print {
namespace {

Result<void> accept(int&, std::string_view) { return {}; }

TEST(OptionList, AlignsDescriptionsAndWrapsThem) {
  constexpr options::Apply kAccept = options::apply_to<int, accept>;
  constexpr std::array kTable = {
      options::Option{"tty", 't', "", "Allocate a pseudo-TTY", kAccept},
      options::Option{"name", 0, "string",
                      "Assign a name to the container that is far too long for one line", kAccept},
      options::Option{"trace", 0, "[=file]", "Show every step", kAccept},
  };
  EXPECT_EQ(option_list(kTable),
            "  -t, --tty            Allocate a pseudo-TTY\n"
            "      --name string    Assign a name to the container that is far too long for\n"
            "                       one line\n"
            "      --trace[=file]   Show every step\n");
}

TEST(OptionList, OfRunFitsTheScreen) {
  const std::string text = option_list(options::run_options());
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    EXPECT_LE(end - start, 80u) << text.substr(start, end - start);
    start = end + 1;
  }
}

TEST(GroupedList, KeepsTheOrderOfGroups) {
  constexpr std::array kEntries = {NamedHelp{"Common Commands", "run", "Run"},
                                   NamedHelp{"Commands", "help", "Help"},
                                   NamedHelp{"Common Commands", "version", "Version"}};
  EXPECT_EQ(grouped_list(kEntries),
            "\nCommon Commands:\n  run       Run\n  version   Version\n"
            "\nCommands:\n  help      Help\n");
}

TEST(ErrorText, IsOneLineAndPerhapsAHint) {
  EXPECT_EQ(error_text("run", Error{"open /x", ENOENT, "", 0}),
            "mycontainer: run: open /x: No such file or directory (ENOENT)\n");
  EXPECT_EQ(error_text("", Error{"unknown command: rnu", 0, "did you mean 'run'?", 0}),
            "mycontainer: unknown command: rnu\nhint: did you mean 'run'?\n");
}

TEST(ErrorText, CannotDriveTheTerminal) {
  EXPECT_EQ(error_text("run", Error{"open /a\n\x1b[31mb", 0, "\x07", 0}),
            "mycontainer: run: open /a\\x0a\\x1b[31mb\nhint: \\x07\n");
}

TEST(ErrorText, NothingInItDrivesATerminal) {
  EXPECT_EQ(error_text("run", Error{"a\x1b[2J\n\x7f\xc2\x9b"
                                    "31m\xe2\x80\xaeX\xff\x9bé",
                                    0,
                                    {},
                                    0}),
            "mycontainer: run: a\\x1b[2J\\x0a\\x7f\\u009b31m\\u202eX\\xff\\x9bé\n");
}

}  // namespace
}  // namespace mycontainer::cmd::print

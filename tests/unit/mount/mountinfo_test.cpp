#include "rootfs/mount/mountinfo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "reexec/sys/file.h"

namespace mycontainer::rootfs::mount {
namespace {

using Words = std::vector<std::string>;

TEST(ParseMountinfoLine, ReadsEveryField) {
  const auto entry = parse_mountinfo_line(
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->id, 36u);
  EXPECT_EQ(entry->parent_id, 35u);
  EXPECT_EQ(entry->major, 98u);
  EXPECT_EQ(entry->minor, 0u);
  EXPECT_EQ(entry->root, "/mnt1");
  EXPECT_EQ(entry->mount_point, "/mnt2");
  EXPECT_EQ(entry->options, (Words{"rw", "noatime"}));
  EXPECT_EQ(entry->optional_fields, (Words{"master:1", "shared:7"}));
  EXPECT_EQ(entry->type, "ext3");
  EXPECT_EQ(entry->source, "/dev/root");
  EXPECT_EQ(entry->super_options, (Words{"rw", "errors=continue"}));
}

TEST(ParseMountinfoLine, UndoesOctalEscapesAndLeavesOtherBackslashes) {
  const auto entry =
      parse_mountinfo_line(R"(1 2 0:3 / /a\040b\134c\011\012\9\04 rw - tmpfs a\040b rw)");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->mount_point, "/a b\\c\t\n\\9\\04");
  EXPECT_EQ(entry->source, "a b");
}

TEST(ParseMountinfoLine, AllowsAnEmptySource) {
  const auto entry = parse_mountinfo_line("1 2 0:3 / /x rw -  tmpfs");
  EXPECT_FALSE(entry);  // the type is missing
  const auto empty = parse_mountinfo_line("1 2 0:3 / /x rw - tmpfs  rw");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->source, "");
}

TEST(ParseMountinfoLine, RefusesOtherForms) {
  for (const char* line :
       {"", " ", "1", "a 2 0:3 / /x rw - tmpfs t rw", "1 -2 0:3 / /x rw - tmpfs t rw",
        "1 2 03 / /x rw - tmpfs t rw", "1 2 0:3 / /x rw tmpfs t rw", "1 2 0:3 / /x rw -",
        "1 2 0:99999999999 / /x rw - tmpfs t rw", "1 2 0:3 /  rw - tmpfs t rw"}) {
    EXPECT_FALSE(parse_mountinfo_line(line)) << line;
  }
}

TEST(ParseMountinfo, ReadsThisProcessAndPassesOverGarbage) {
  const auto text = sys::read_file_at(AT_FDCWD, "/proc/self/mountinfo");
  ASSERT_TRUE(text);
  const auto entries = parse_mountinfo(*text);
  EXPECT_EQ(entries.size(), static_cast<std::size_t>(std::count(text->begin(), text->end(), '\n')));
  EXPECT_EQ(parse_mountinfo("garbage\n" + *text + "more").size(), entries.size());
}

TEST(ParseMountinfo, SurvivesAnyMutation) {
  const std::string line = "36 35 98:0 /m\\0401 /mnt2 rw,noatime master:1 - ext3 /dev/root rw\n";
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text = line + line;
    for (int i = 0; i < 4; ++i) {
      text[random() % text.size()] = static_cast<char>(random());
      if (random() % 4 == 0) text.erase(random() % text.size(), random() % 8);
      if (text.empty()) text = " ";
    }
    EXPECT_LE(parse_mountinfo(text).size(), text.size());
  }
}

}  // namespace
}  // namespace mycontainer::rootfs::mount

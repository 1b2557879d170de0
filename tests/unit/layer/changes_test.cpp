#include "rootfs/layer/changes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::layer {
namespace {

struct Trees : test::TemporaryDirectory {
  Trees() {
    make_directory("upper");
    make_directory("lower");
  }
  // Both with the same file, of the same time.
  void make_both(const std::string& name, const std::string& text) const {
    for (const char* tree : {"lower/", "upper/"}) {
      make_file(tree + name, text);
      const timespec times[2] = {{1, 0}, {2, 0}};
      EXPECT_EQ(::utimensat(AT_FDCWD, (*this / (tree + name)).c_str(), times, 0), 0);
    }
  }
  void white_out(const std::string& name) const {
    EXPECT_EQ(::mknod((*this / ("upper/" + name)).c_str(), S_IFCHR, makedev(0, 0)), 0);
  }
  [[nodiscard]] std::string text(std::vector<IdShift> shift = {}) const {
    const UniqueFd upper = open("upper"), lower = open("lower");
    const auto found = changes({upper.get(), lower.get(), shift, shift});
    if (!found) return found.error().message();
    std::string lines;
    for (const Change& change : *found) {
      lines += "CAD"[static_cast<int>(change.kind)];
      lines += " " + change.path + "\n";
    }
    return lines;
  }
};

TEST(Changes, ListsWhatIsAddedAndItsParents) {
  const Trees trees;
  trees.make_directory("lower/etc");
  trees.make_directory("upper/etc");
  trees.make_file("upper/etc/new", "x");
  trees.make_directory("upper/data");
  trees.make_file("upper/data/x", "x");
  EXPECT_EQ(trees.text(), "A /data\nA /data/x\nC /etc\nA /etc/new\n");
}

TEST(Changes, SortsByTheWholePath) {
  const Trees trees;
  trees.make_directory("upper/a");
  trees.make_file("upper/a/b", "x");
  trees.make_file("upper/a-b", "x");
  EXPECT_EQ(trees.text(), "A /a\nA /a-b\nA /a/b\n");
}

TEST(Changes, PassesOverWhatWasOnlyCopiedUp) {
  const Trees trees;
  trees.make_directory("lower/etc");
  trees.make_directory("upper/etc");
  trees.make_both("etc/same", "x");
  EXPECT_EQ(trees.text(), "");
  ASSERT_EQ(::chmod((trees / "upper/etc/same").c_str(), 0600), 0);
  EXPECT_EQ(trees.text(), "C /etc\nC /etc/same\n");
}

TEST(Changes, ADirectoryWithAnotherModeIsModified) {
  const Trees trees;
  trees.make_directory("lower/d", 0755);
  trees.make_directory("upper/d", 0700);
  EXPECT_EQ(trees.text(), "C /d\n");
}

TEST(Changes, WhiteoutsAreDeletionsOfWhatWasThere) {
  SKIP_UNLESS_ROOT();
  const Trees trees;
  trees.make_directory("lower/gone");
  trees.make_file("lower/gone/deep", "x");
  trees.white_out("gone");
  trees.white_out("never-was");
  EXPECT_EQ(trees.text(), "D /gone\n");
}

TEST(Changes, ReadsWhiteoutsAndOpaqueDirectoriesOfAnOrdinaryUser) {
  const Trees trees;
  trees.make_file("lower/gone", "x");
  trees.make_file("upper/gone", "");
  trees.make_directory("lower/again");
  trees.make_directory("lower/again/sub");
  trees.make_file("lower/again/sub/old", "x");
  trees.make_file("lower/again/old", "x");
  trees.make_directory("upper/again");
  trees.make_directory("upper/again/sub");
  trees.make_file("upper/again/new", "x");
  if (::setxattr((trees / "upper/gone").c_str(), "user.overlay.whiteout", "", 0, 0) < 0) {
    GTEST_SKIP() << "needs a filesystem with user.* attributes in /tmp";
  }
  ASSERT_EQ(::setxattr((trees / "upper/again").c_str(), "user.overlay.opaque", "y", 1, 0), 0);
  EXPECT_EQ(trees.text(),
            "C /again\nA /again/new\nD /again/old\nC /again/sub\nD /again/sub/old\nD /gone\n");
}

TEST(Changes, AnotherTypeIsAModification) {
  const Trees trees;
  trees.make_directory("lower/was-directory");
  trees.make_file("lower/was-directory/x", "x");
  trees.make_file("upper/was-directory", "x");
  trees.make_file("lower/was-file", "x");
  trees.make_directory("upper/was-file");
  trees.make_file("upper/was-file/y", "x");
  EXPECT_EQ(trees.text(), "C /was-directory\nD /was-directory/x\nC /was-file\nA /was-file/y\n");
}

TEST(Changes, ShiftedOwnersAreComparedAsTheContainerSeesThem) {
  SKIP_UNLESS_ROOT();
  const Trees trees;
  trees.make_both("f", "x");
  ASSERT_EQ(::chown((trees / "upper/f").c_str(), 100000, 100000), 0);
  EXPECT_EQ(trees.text(), "C /f\n");
  EXPECT_EQ(trees.text({{0, 100000, 65536}}), "");
}

}  // namespace
}  // namespace mycontainer::rootfs::layer

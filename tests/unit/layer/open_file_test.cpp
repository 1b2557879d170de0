#include "rootfs/layer/open_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "reexec/sys/file.h"
#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::layer {
namespace {

struct Stack : test::TemporaryDirectory {
  Stack() {
    make_directory("top");
    make_directory("middle");
    make_directory("bottom");
  }
  [[nodiscard]] LayerStack layers() const {
    return LayerStack({*this / "top", *this / "middle", *this / "bottom"});
  }
  // The text of the file, or the name of the error.
  [[nodiscard]] std::string seen(const std::string& path) const {
    LayerStack stack = layers();
    const auto place = stack.open(path);
    if (!place) return errno_name(place.error().code);
    return sys::read_file_at(AT_FDCWD, sys::fd_path(place->get())).value_or("unreadable");
  }
  void link(const std::string& target, const std::string& name) const {
    EXPECT_EQ(::symlink(target.c_str(), (*this / name).c_str()), 0);
  }
  void file(const std::string& name, const std::string& text) {
    std::string directory;
    for (std::size_t at = 0; (at = name.find('/', at)) != name.npos; ++at) {
      (void)::mkdir((*this / name.substr(0, at)).c_str(), 0755);
    }
    make_file(name, text);
  }
};

TEST(OpenFileOfLayers, TheTopmostOneIsTheFile) {
  Stack stack;
  stack.file("bottom/etc/passwd", "bottom");
  EXPECT_EQ(stack.seen("/etc/passwd"), "bottom");
  stack.file("top/etc/group", "other");
  EXPECT_EQ(stack.seen("/etc/passwd"), "bottom");
  stack.file("middle/etc/passwd", "middle");
  EXPECT_EQ(stack.seen("/etc/passwd"), "middle");
  EXPECT_EQ(stack.seen("/etc/shadow"), "ENOENT");
  EXPECT_EQ(stack.seen("/"), "EISDIR");
}

TEST(OpenFileOfLayers, WhatAnUpperLayerRemovedIsNotThere) {
  Stack stack;
  stack.file("bottom/etc/passwd", "bottom");
  stack.file("bottom/etc/group", "bottom");
  stack.file("middle/etc/passwd", "");
  const auto name = stack / "middle/etc/passwd";
  if (::setxattr(name.c_str(), "user.overlay.whiteout", "", 0, 0) != 0) GTEST_SKIP() << "no user.*";
  EXPECT_EQ(stack.seen("/etc/passwd"), "ENOENT");
  EXPECT_EQ(stack.seen("/etc/group"), "bottom");
  stack.file("top/etc/passwd", "again");
  EXPECT_EQ(stack.seen("/etc/passwd"), "again");
}

TEST(OpenFileOfLayers, AnOpaqueDirectoryHidesWhatLiesBelowIt) {
  Stack stack;
  stack.file("bottom/etc/passwd", "bottom");
  stack.file("middle/etc/group", "middle");
  const auto name = stack / "middle/etc";
  if (::setxattr(name.c_str(), "user.overlay.opaque", "y", 1, 0) != 0) GTEST_SKIP() << "no user.*";
  EXPECT_EQ(stack.seen("/etc/passwd"), "ENOENT");
  EXPECT_EQ(stack.seen("/etc/group"), "middle");
  EXPECT_EQ(::setxattr(name.c_str(), "user.overlay.opaque", "x", 1, 0), 0);
  EXPECT_EQ(stack.seen("/etc/passwd"), "bottom");
}

TEST(OpenFileOfLayers, AFileHidesTheDirectoryBelowItAndADirectoryTheFile) {
  Stack stack;
  stack.file("bottom/etc/passwd", "bottom");
  stack.file("middle/etc", "a file");
  EXPECT_EQ(stack.seen("/etc/passwd"), "ENOTDIR");
  stack.file("top/etc/group", "top");
  EXPECT_EQ(stack.seen("/etc/passwd"), "ENOENT");
  EXPECT_EQ(stack.seen("/etc/group"), "top");
}

TEST(OpenFileOfLayers, LinksLeadThroughTheMergedTreeAndNeverOut) {
  Stack stack;
  stack.file("secret", "of the host");
  stack.file("bottom/usr/etc/passwd", "bottom");
  stack.link("/usr/etc", "middle/etc");
  EXPECT_EQ(stack.seen("/etc/passwd"), "bottom");
  stack.link("../../../../../../usr/etc/passwd", "top/usual");
  EXPECT_EQ(stack.seen("/usual"), "bottom");
  stack.link(stack / "secret", "top/absolute");
  EXPECT_EQ(stack.seen("/absolute"), "ENOENT");
  stack.link("../secret", "top/relative");
  EXPECT_EQ(stack.seen("/relative"), "ENOENT");
  stack.link("usr/etc/..", "top/directory");
  EXPECT_EQ(stack.seen("/directory"), "EISDIR");
  stack.link("loop", "top/loop");
  EXPECT_EQ(stack.seen("/loop"), "ELOOP");
  stack.link("/proc/self/root" + (stack / "secret"), "top/magic");
  EXPECT_EQ(stack.seen("/magic"), "ENOENT");
}

TEST(OpenFileOfLayers, LinksThatGrowWithoutEndAreRefused) {
  Stack stack;
  std::string target;
  for (int i = 0; i < 1000; ++i) target += "grow/";
  stack.link("grow/grow/grow", "top/grow");
  EXPECT_EQ(stack.seen("/grow"), "ELOOP");
  EXPECT_EQ(stack.seen(target), "ELOOP");
  EXPECT_EQ(stack.seen("/" + std::string(300, 'x')), "ENAMETOOLONG");
}

TEST(OpenFileOfLayers, MoreLayersThanDescriptors) {
  test::TemporaryDirectory place;
  std::vector<std::string> trees;
  for (int i = 0; i < 1200; ++i) {
    place.make_directory("layer" + std::to_string(i));
    trees.push_back(place / ("layer" + std::to_string(i)));
  }
  place.make_file("layer1199/passwd", "lowest");
  LayerStack stack(trees);
  const auto found = stack.open("passwd");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(sys::read_file_at(AT_FDCWD, sys::fd_path(found->get())).value_or(""), "lowest");
}

}  // namespace
}  // namespace mycontainer::rootfs::layer

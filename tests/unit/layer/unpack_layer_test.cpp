#include "rootfs/layer/unpack_layer.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "tests/support/in_namespaces.h"
#include "tests/unit/layer/layers.h"

namespace mycontainer::rootfs::layer {
namespace {

std::string attribute(const std::string& path, const char* name) {
  std::array<char, 256> value{};
  const ssize_t size = ::lgetxattr(path.c_str(), name, value.data(), value.size());
  return size < 0 ? "none" : std::string(value.data(), static_cast<std::size_t>(size));
}
const char* opaque_name() {
  return ::geteuid() == 0 ? "trusted.overlay.opaque" : "user.overlay.opaque";
}

TEST(UnpackLayer, MakesTheTreeAndSaysWhatItWas) {
  const LayerTest here;
  const std::string tar = tar_of({{"./", '5'},
                                  {"etc/", '5', "", "", 0750},
                                  {"etc/hosts", '0', "", "127.0.0.1 localhost\n", 0640},
                                  {"etc/link", '2', "hosts"},
                                  {"etc/same", '1', "etc/hosts"},
                                  {"fifo", '6', "", "", 0600}});
  const auto made = here.unpack(tar);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->diff_id, content::digest_of(tar));
  EXPECT_EQ(made->uncompressed, tar.size());
  EXPECT_EQ(made->size, 20U);
  EXPECT_EQ(made->squashed, 0U);
  EXPECT_TRUE(made->implied.empty());
  EXPECT_EQ(here.text("etc/hosts"), "127.0.0.1 localhost\n");
  EXPECT_EQ(here.status("etc/hosts").st_mode, S_IFREG | 0640U);
  EXPECT_EQ(here.status("etc/hosts").st_mtim.tv_sec, 1700000000);
  EXPECT_EQ(here.status("etc/hosts").st_ino, here.status("etc/same").st_ino);
  EXPECT_EQ(here.status("etc").st_mode, S_IFDIR | 0750U);
  EXPECT_EQ(here.status("etc").st_mtim.tv_sec, 1700000000);
  EXPECT_EQ(here.status(".").st_mtim.tv_sec, 1700000000);
  EXPECT_EQ(here.status("etc/link").st_mtim.tv_sec, 1700000000);
  EXPECT_TRUE(S_ISFIFO(here.status("fifo").st_mode));
}

TEST(UnpackLayer, ReadsEveryCompression) {
  const std::string tar = tar_of({{"file", '0', "", std::string(200000, 'x')}});
  for (const char* program : {"cat", "gzip -c", "zstd -c", "xz -c", "bzip2 -c"}) {
    const LayerTest here;
    here.make_file("layer.tar", tar);
    const std::string blob = shell(std::string(program) + " < " + (here / "layer.tar"));
    const auto made = here.unpack(blob, content::digest_of(tar).text());
    ASSERT_TRUE(made) << program << ": " << made.error().message();
    EXPECT_EQ(here.text("file").size(), 200000U) << program;
  }
}

TEST(UnpackLayer, SeveralStreamsAfterEachOtherAreOne) {
  const std::string tar = tar_of({{"file", '0', "", std::string(5000, 'x')}});
  for (const char* program : {"gzip -c", "zstd -c", "xz -c", "bzip2 -c"}) {
    const LayerTest here;
    here.make_file("1", tar.substr(0, 3000));
    here.make_file("2", tar.substr(3000));
    const std::string begin = std::string(program) + " < " + here.path();
    const std::string blob = shell(begin + "/1") + shell(begin + "/2");
    const auto made = here.unpack(blob, content::digest_of(tar).text());
    ASSERT_TRUE(made) << program << ": " << made.error().message();
  }
}

TEST(UnpackLayer, ACompressedMemberOrACompressedBlobIsNotUnpackedASecondTime) {
  const LayerTest here;
  here.make_file("layer.tar", tar_of({{"file"}}));
  const std::string twice = shell("gzip -c < " + (here / "layer.tar") + " | gzip -c");
  EXPECT_NE(here.refusal(twice), "");
}

TEST(UnpackLayer, TheDigestIsOfAllBytesAlsoOfThoseBehindTheEnd) {
  const LayerTest here;
  const std::string tar = tar_of({{"file"}}) + std::string(3 << 20, 'z');
  const auto made = here.unpack(tar);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->diff_id, content::digest_of(tar));
  EXPECT_EQ(made->uncompressed, tar.size());
}

TEST(UnpackLayer, AnotherDiffIdIsAnErrorThatNamesBoth) {
  const LayerTest here;
  const std::string tar = tar_of({{"file"}});
  const auto made = here.unpack(tar, content::digest_of("other").text());
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find(content::digest_of("other").text()), std::string::npos);
  EXPECT_NE(made.error().message().find(content::digest_of(tar).text()), std::string::npos);
}

TEST(UnpackLayer, AnEmptyLayerIsALayer) {
  for (const std::string& tar : {std::string(), std::string(1024, '\0')}) {
    const LayerTest here;
    const auto made = here.unpack(tar);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(made->implied, std::vector<std::string>{"."});
  }
}

TEST(UnpackLayer, ProgressIsTold) {
  const LayerTest here;
  UnpackRequest request;
  here.make_file("blob", tar_of({{"file", '0', "", std::string(5 << 20, 'x')}}));
  const UniqueFd blob(::open((here / "blob").c_str(), O_RDONLY | O_CLOEXEC));
  request.blob = blob.get();
  request.blob_size = 6 << 20;
  request.tree = here / "tree";
  if (::geteuid() != 0) request.ids = {{{0, ::geteuid(), 1}}, {{0, ::getegid(), 1}}, ""};
  std::vector<std::uint64_t> told;
  request.progress = [&told](std::uint64_t bytes) { told.push_back(bytes); };
  auto unpacker = LayerUnpacker::start(request);
  ASSERT_TRUE(unpacker) << unpacker.error().message();
  ASSERT_TRUE(unpacker->wait());
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
}

TEST(UnpackLayer, WhiteoutsHideWhatIsBelow) {
  const LayerTest here;
  const auto made = here.unpack(tar_of({{"etc/", '5'},
                                        {"etc/.wh.passwd"},
                                        {"var/.wh..wh..opq"},
                                        {".wh..wh.plnk/", '5'},
                                        {".wh..wh.plnk/1.2", '0', "", "aufs"},
                                        {".wh..wh.aufs"},
                                        {".wh.bin"}}));
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_TRUE(here.is_whiteout("etc/passwd"));
  EXPECT_TRUE(here.is_whiteout("bin"));
  EXPECT_EQ(attribute(here.in_tree("var"), opaque_name()), "y");
  EXPECT_EQ(attribute(here.in_tree("etc"), opaque_name()), "none");
  EXPECT_FALSE(here.exists(".wh..wh.plnk"));
  EXPECT_FALSE(here.exists(".wh..wh.aufs"));
}

TEST(UnpackLayer, AWhiteoutNeverConcernsItsOwnLayer) {
  const LayerTest here;
  const auto made = here.unpack(tar_of({{"file", '0', "", "kept"},
                                        {".wh.file"},
                                        {"before/", '5'},
                                        {"before/x", '0', "", "kept"},
                                        {".wh.before"},
                                        {".wh.after"},
                                        {"after/", '5'},
                                        {"after/x", '0', "", "kept"},
                                        {".wh.late"},
                                        {"late", '0', "", "kept"},
                                        {".wh.twice"},
                                        {".wh.twice"}}));
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(here.text("file") + here.text("before/x") + here.text("after/x") + here.text("late"),
            "keptkeptkeptkept");
  EXPECT_EQ(attribute(here.in_tree("before"), opaque_name()), "y");
  EXPECT_EQ(attribute(here.in_tree("after"), opaque_name()), "y");
  EXPECT_TRUE(here.is_whiteout("twice"));
}

TEST(UnpackLayer, OfMembersWithOneNameTheLastCounts) {
  const LayerTest here;
  const auto made = here.unpack(tar_of({{"a", '0', "", "first"},
                                        {"a", '0', "", "second"},
                                        {"b/", '5', "", "", 0700},
                                        {"b/x", '0', "", "x"},
                                        {"b", '0', "", "file"},
                                        {"c", '0', "", "file"},
                                        {"c/", '5', "", "", 0711},
                                        {"d/", '5', "", "", 0700},
                                        {"d/x", '0', "", "kept"},
                                        {"d/", '5', "", "", 02755},
                                        {"e", '0', "", "file"},
                                        {"e/below", '0', "", "x"},
                                        {"f", '2', "a"},
                                        {"f", '0', "", "no link"}}));
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(here.text("a"), "second");
  EXPECT_EQ(here.text("b"), "file");
  EXPECT_EQ(here.status("c").st_mode, S_IFDIR | 0711U);
  EXPECT_EQ(here.text("d/x"), "kept");
  EXPECT_EQ(here.status("d").st_mode, S_IFDIR | 02755U);
  EXPECT_EQ(here.text("e/below"), "x");
  EXPECT_EQ(here.text("f"), "no link");
}

TEST(UnpackLayer, ADirectoryKeepsItsTimeWhenMembersComeLate) {
  const LayerTest here;
  const auto made = here.unpack(tar_of({{"d/", '5', "", "", 02755, 0, 0, 1600000000},
                                        {"other", '0'},
                                        {"d/late", '0'},
                                        {"d/sub/", '5', "", "", 0755, 0, 0, 1500000000},
                                        {"z", '0'}}));
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(here.status("d").st_mtim.tv_sec, 1600000000);
  EXPECT_EQ(here.status("d").st_mode, S_IFDIR | 02755U);
  EXPECT_EQ(here.status("d/sub").st_mtim.tv_sec, 1500000000);
  EXPECT_EQ(here.status("d/sub").st_mode, S_IFDIR | 0755U);
}

TEST(UnpackLayer, ImpliedDirectoriesAreWhatTheyAreBelow) {
  const LayerTest here;
  here.make_directory("top");
  here.make_directory("base", 0711);
  here.make_directory("base/etc", 0750);
  here.make_directory("base/etc/app", 0700);
  here.make_directory("base/opt", 0701);
  here.make_directory("top/etc");
  here.make_file("top/opt", "hides it");
  const auto made = here.unpack(
      tar_of({{"etc/app/x", '0'}, {"opt/x", '0'}, {"new/x", '0'}, {"said/x", '0'}, {"said/", '5'}}),
      "", {here / "top", here / "base"});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->implied, (std::vector<std::string>{"etc", "etc/app", "new", "opt", "."}));
  EXPECT_EQ(here.status("etc").st_mode, S_IFDIR | 0755U);  // the topmost one's
  EXPECT_EQ(here.status("etc/app").st_mode, S_IFDIR | 0700U);
  EXPECT_EQ(here.status("opt").st_mode, S_IFDIR | 0755U);
  EXPECT_EQ(here.status("new").st_mode, S_IFDIR | 0755U);
}

TEST(UnpackLayer, ImpliedDirectoriesAreSoughtInMoreLayersThanOneMessageTakes) {
  const LayerTest here;
  std::vector<std::string> below;
  for (int i = 0; i < 150; ++i) {
    below.push_back(here / std::to_string(i));
    here.make_directory(std::to_string(i));
  }
  here.make_directory("149/etc", 0700);
  const auto made = here.unpack(tar_of({{"./", '5'}, {"etc/x"}}), "", below);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(here.status("etc").st_mode, S_IFDIR | 0700U);
}

TEST(UnpackLayer, OwnersAndSpecialBitsAreTheArchives) {
  SKIP_UNLESS_ROOT();
  const LayerTest here;
  const auto made = here.unpack(tar_of({{"f", '0', "", "x", 04755, 33, 44},
                                        {"d/", '5', "", "", 01777, 5, 6},
                                        {"l", '2', "f", "", 0777, 7, 8},
                                        {"null", '3', "", "", 0666, 0, 0, 1, 1, 3},
                                        {"block", '4', "", "", 0660, 0, 6, 1, 8, 1}}));
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(here.status("f").st_mode, S_IFREG | 04755U);
  EXPECT_EQ(here.status("f").st_uid, 33U);
  EXPECT_EQ(here.status("f").st_gid, 44U);
  EXPECT_EQ(here.status("d").st_mode, S_IFDIR | 01777U);
  EXPECT_EQ(here.status("d").st_gid, 6U);
  EXPECT_EQ(here.status("l").st_uid, 7U);
  EXPECT_EQ(here.status("null").st_rdev, makedev(1, 3));
  EXPECT_EQ(here.status("null").st_mode, S_IFCHR | 0666U);
  EXPECT_EQ(here.status("block").st_mode, S_IFBLK | 0660U);
}

TEST(UnpackLayer, WhatBelongsToNobodyHereIsRootsWithoutItsRights) {
  const LayerTest here;
  const auto made = here.unpack(tar_of({{"f", '0', "", "x", 04755, 33, 44},
                                        {"d/", '5', "", "", 02755, 5, 6},
                                        {"own", '0', "", "x", 04755},
                                        {"null", '3', "", "", 0666, 0, 0, 1, 1, 3}}),
                                "", {}, true);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->squashed, 2U);
  EXPECT_EQ(made->left_out, 1U);
  EXPECT_EQ(here.status("f").st_mode, S_IFREG | 0755U);
  EXPECT_EQ(here.status("f").st_uid, ::geteuid());
  EXPECT_EQ(here.status("d").st_mode, S_IFDIR | 0755U);
  EXPECT_EQ(here.status("own").st_mode, S_IFREG | 04755U);
  EXPECT_FALSE(here.exists("null"));
}

}  // namespace
}  // namespace mycontainer::rootfs::layer

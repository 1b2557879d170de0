// Layers that want out of their directory, or more than their share. Beside the tree stands a canary
// that must not change whatever a layer says.
#include <sys/xattr.h>

#include "rootfs/layer/unpack_layer.h"
#include "rootfs/layer/unpack_stream.h"
#include "tests/support/in_namespaces.h"
#include "tests/unit/layer/layers.h"

namespace mycontainer::rootfs::layer {
namespace {

struct HostileLayer : LayerTest {
  HostileLayer() {
    make_directory("canary");
    make_file("canary/passwd", "root:x:0:0");
    make_link("passwd", "canary/link");
    before = canary();
  }
  ~HostileLayer() { EXPECT_EQ(canary(), before) << "something outside of the tree has changed"; }
  [[nodiscard]] std::string canary() const {
    return shell(
        "cd " + path() +
        " && find . -path ./tree -prune -o -printf '%p %y %m %U %G %s %T@ %n %l\\n' | sort; cat " +
        path() + "/canary/passwd");
  }
  // From the tree's root, as many ".." as it takes.
  [[nodiscard]] std::string outside() const { return "../../../../../.." + path() + "/canary"; }
  std::string before;
};

TEST(HostileLayers, NoNameLeadsOut) {
  const HostileLayer here;
  for (const std::string& name :
       {here.outside() + "/new", std::string("../canary/new"), std::string("a/../../canary/new"),
        std::string(".."), std::string("a/.."), std::string("/../canary/new")}) {
    EXPECT_NE(here.refusal(tar_of({{name, '0', "", "x"}})), "") << name;
    EXPECT_NE(here.refusal(tar_of({{name, '5'}})), "") << name;
  }
}

TEST(HostileLayers, AnAbsoluteNameIsOneOfTheLayer) {
  const HostileLayer here;
  EXPECT_EQ(here.refusal(tar_of({{"/etc/x", '0', "", "inside"}})), "");
  EXPECT_EQ(here.text("etc/x"), "inside");
}

TEST(HostileLayers, ALinkOnTheWayLeadsNowhereElse) {
  const HostileLayer here;
  for (const std::string& target : {here / "canary", here.outside(), std::string("/"),
                                    std::string("../canary"), std::string("/proc/self/root")}) {
    const auto unused = here.refusal(tar_of({{"way", '2', target},
                                             {"way/passwd", '0', "", "evil"},
                                             {"way/new", '0', "", "evil"},
                                             {"way/.wh.passwd"},
                                             {"way/.wh..wh..opq"},
                                             {"way/", '5', "", "", 0777}}));
    (void)unused;
  }
}

TEST(HostileLayers, ALinkWithinTheLayerIsFollowedWithinTheLayer) {
  const HostileLayer here;
  EXPECT_EQ(here.refusal(tar_of({{"usr/lib/", '5'},
                                 {"lib", '2', "/usr/lib"},
                                 {"lib/x", '0', "", "x"},
                                 {"up", '2', "../../../../usr"},
                                 {"up/lib/y", '0', "", "y"},
                                 {"self", '2', "."},
                                 {"self/self/z", '0', "", "z"}})),
            "");
  EXPECT_EQ(here.text("usr/lib/x") + here.text("usr/lib/y") + here.text("z"), "xyz");
}

TEST(HostileLayers, TheLastNameIsNeverFollowed) {
  const HostileLayer here;
  EXPECT_EQ(here.refusal(tar_of({{"f", '2', here / "canary/passwd"},
                                 {"f", '0', "", "evil", 04777},
                                 {"d", '2', here / "canary"},
                                 {"d/", '5', "", "", 0777},
                                 {"d/passwd", '0', "", "evil"}})),
            "");
  EXPECT_EQ(here.text("f") + here.text("d/passwd"), "evilevil");
}

TEST(HostileLayers, AHardLinkReachesOnlyWhatTheLayerHas) {
  const HostileLayer here;
  for (const std::string& target :
       {here / "canary/passwd", here.outside() + "/passwd", std::string("/etc/passwd"),
        std::string("missing"), std::string("way/passwd"), std::string("."), std::string()}) {
    EXPECT_NE(here.refusal(tar_of({{"way", '2', here / "canary"}, {"hard", '1', target}})), "")
        << target;
  }
  EXPECT_NE(here.refusal(tar_of({{"d/", '5'}, {"hard", '1', "d"}})), "");
  const std::string missing = here.refusal(tar_of({{"hard", '1', "bin/sh"}}));
  EXPECT_NE(missing.find("a hard link to \"bin/sh\", which this layer does not have"),
            std::string::npos)
      << missing;
}

TEST(HostileLayers, AHardLinkToALinkIsThatLink) {
  const HostileLayer here;
  EXPECT_EQ(here.refusal(tar_of({{"way", '2', here / "canary/passwd"}, {"hard", '1', "way"}})), "");
  EXPECT_TRUE(S_ISLNK(here.status("hard").st_mode));
  EXPECT_EQ(
      here.refusal(tar_of(
          {{"way", '2', here / "canary/passwd"}, {"hard", '1', "way"}, {"hard", '0', "", "evil"}})),
      "");
}

TEST(HostileLayers, TheRootStaysADirectory) {
  const HostileLayer here;
  for (const char* name : {".", "./", "/", "", "././."}) {
    EXPECT_NE(here.refusal(tar_of({{name, '2', here / "canary"}})), "") << name;
    EXPECT_NE(here.refusal(tar_of({{name, '0', "", "x"}})), "") << name;
    EXPECT_NE(here.refusal(tar_of({{name, '6'}})), "") << name;
  }
  EXPECT_TRUE(S_ISDIR(here.status(".").st_mode));
}

TEST(HostileLayers, AWhiteoutNamesSomething) {
  const HostileLayer here;
  for (const char* name :
       {".wh.", ".wh..", ".wh...", "a/.wh.", "a/.wh..", "a/.wh...", ".wh.x/y", "../.wh.canary"}) {
    EXPECT_NE(here.refusal(tar_of({{name}})), "") << name;
  }
}

TEST(HostileLayers, PaxRecordsAreJudgedAsHeadersAre) {
  const HostileLayer here;
  const auto with = [](const std::vector<std::pair<std::string, std::string>>& records,
                       TarMember member) { return pax(records) + tar_of({std::move(member)}); };
  EXPECT_NE(here.refusal(with({{"path", "../canary/new"}}, {"harmless", '0', "", "x"})), "");
  EXPECT_NE(here.refusal(with({{"linkpath", here / "canary/passwd"}}, {"hard", '1', "x"})), "");
  EXPECT_NE(here.refusal(with({{"uid", "4294967296"}}, {"f"})), "");
  EXPECT_NE(here.refusal(with({{"uid", "4294967295"}}, {"f"})), "");
  EXPECT_NE(here.refusal(with({{"uid", "-1"}}, {"f"})), "");
  EXPECT_NE(here.refusal(with({{"size", "9223372036854775807"}}, {"f", '0', "", "x"})), "");
  EXPECT_NE(here.refusal(with({{"path", std::string(5000, 'p')}}, {"f"})), "");
  EXPECT_NE(here.refusal(with({{"path", "d/" + std::string(300, 'p')}}, {"f"})), "");
  EXPECT_NE(here.refusal(with({{"linkpath", std::string(5000, 'p')}}, {"l", '2', "x"})), "");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "d/";
  EXPECT_NE(here.refusal(with({{"path", deep}}, {"f", '5'})), "");
}

TEST(HostileLayers, DeepNestingWithinTheLimitWorks) {
  const HostileLayer here;
  std::string deep;
  for (std::size_t i = 0; i < 500; ++i) deep += "d/";
  EXPECT_EQ(here.refusal(pax({{"path", deep + "file"}}) + tar_of({{"f", '0', "", "x"}})), "");
  EXPECT_EQ(here.text(deep + "file"), "x");
}

TEST(HostileLayers, NoAttributeOfOverlayfsIsForged) {
  const HostileLayer here;
  EXPECT_EQ(here.refusal(pax({{"SCHILY.xattr.trusted.overlay.opaque", "y"},
                              {"SCHILY.xattr.user.overlay.opaque", "y"},
                              {"SCHILY.xattr.trusted.overlay.redirect", "/etc"},
                              {"SCHILY.xattr.user.overlay.redirect", "/etc"},
                              {"SCHILY.xattr.trusted.mine", "x"},
                              {"SCHILY.xattr.security.selinux", "x"},
                              {"SCHILY.xattr.user.kept", "yes"}}) +
                         tar_of({{"d/", '5'}})),
            "");
  std::array<char, 1024> names{};
  const ssize_t size = ::listxattr(here.in_tree("d").c_str(), names.data(), names.size());
  ASSERT_GE(size, 0);
  EXPECT_EQ(std::string(names.data(), static_cast<std::size_t>(size)),
            std::string("user.kept\0", 10));
}

TEST(HostileLayers, AttributesAreBounded) {
  const HostileLayer here;
  std::vector<std::pair<std::string, std::string>> many, large;
  for (int i = 0; i < 1000; ++i) many.emplace_back("SCHILY.xattr.user." + std::to_string(i), "x");
  for (int i = 0; i < 10; ++i) {
    large.emplace_back("SCHILY.xattr.user." + std::to_string(i), std::string(60000, 'x'));
  }
  EXPECT_NE(here.refusal(pax(many) + tar_of({{"f"}})), "");
  EXPECT_NE(here.refusal(pax(large) + tar_of({{"f"}})), "");
}

TEST(HostileLayers, ABombIsStoppedByTheSizeOfItsBlob) {
  EXPECT_EQ(most_uncompressed(0), 16U << 20);
  EXPECT_EQ(most_uncompressed(1000), (16U << 20) + 1'100'000);
  const HostileLayer here;
  const test::TemporaryDirectory work;
  constexpr std::size_t kZeros = 64 << 20;
  work.make_file("header", tar_header({"zeros"}, kZeros));
  for (const char* program : {"zstd -c", "xz -0c", "bzip2 -c"}) {
    const std::string refused = here.refusal(shell(fmt::format(
        "{{ cat {}/header; head -c {} /dev/zero; }} | {}", work.path(), kZeros, program)));
    EXPECT_NE(refused.find("unpacks to more than"), std::string::npos) << program << refused;
  }
}

TEST(HostileLayers, SparseTerabytesTakeNoRoom) {
  const HostileLayer here;
  const std::string map = "1\n0\n512\n";
  const std::string data = padded(map) + std::string(512, 'x');
  const std::string tar = pax({{"GNU.sparse.major", "1"},
                               {"GNU.sparse.minor", "0"},
                               {"GNU.sparse.name", "huge"},
                               {"GNU.sparse.realsize", "1099511627776"}}) +
                          tar_of({{"GNUSparseFile.0/huge", '0', "", data}});
  EXPECT_EQ(here.refusal(tar), "");
  EXPECT_EQ(here.status("huge").st_size, std::int64_t{1} << 40);
  EXPECT_LE(here.status("huge").st_blocks, 64);
}

TEST(HostileLayers, StreamsThatAreCutShortAreErrors) {
  const std::string tar = tar_of({{"file", '0', "", std::string(300000, 'x')}});
  for (const char* program : {"gzip -c", "zstd -c", "xz -c", "bzip2 -c", "cat"}) {
    const HostileLayer here;
    const std::string blob = [&] {
      const test::TemporaryDirectory work;
      work.make_file("tar", tar);
      return shell(std::string(program) + " < " + (work / "tar"));
    }();
    for (const std::size_t size : {blob.size() / 3, blob.size() / 2}) {
      EXPECT_NE(here.refusal(blob.substr(0, size)), "") << program << " " << size;
    }
    if (std::string_view(program) == "cat") continue;
    EXPECT_NE(here.refusal(blob.substr(0, blob.size() - 1)), "") << program;
    EXPECT_NE(here.refusal(blob + "garbage that is no stream"), "") << program;
  }
}

TEST(HostileLayers, WhatIsNoTarIsAnError) {
  const HostileLayer here;
  EXPECT_NE(here.refusal(std::string(4096, 'x')), "");
  EXPECT_NE(here.refusal("{\"schemaVersion\": 2}"), "");
  std::string tar = tar_of({{"a"}, {"b"}});
  tar[512 + 20] = 'x';  // the second checksum is wrong now
  EXPECT_NE(here.refusal(tar), "");
}

TEST(HostileLayers, ManyMembersTakeLittleMemory) {
  const HostileLayer here;
  std::string tar;
  for (int i = 0; i < 20000; ++i) {
    tar += tar_bytes({fmt::format("d{}/", i % 97), '5'});
    tar += tar_bytes({fmt::format("d{}/f{}", i % 97, i)});
  }
  EXPECT_EQ(here.refusal(tar + std::string(1024, '\0')), "");
}

}  // namespace
}  // namespace mycontainer::rootfs::layer

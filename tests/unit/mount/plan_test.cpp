#include "rootfs/mount/plan.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <string>
#include <vector>

namespace mycontainer::rootfs::mount {
namespace {

using Options = std::vector<std::string>;

MountPlan plan(const std::string& type, const Options& options) {
  auto planned = plan_mount("/mnt", type, "source", options);
  EXPECT_TRUE(planned) << planned.error().message();
  return planned ? *planned : MountPlan{};
}

TEST(PlanMount, ReadsAFilesystem) {
  const MountPlan shm = plan("tmpfs", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"});
  EXPECT_EQ(shm.kind, MountKind::kFilesystem);
  EXPECT_EQ(shm.type, "tmpfs");
  EXPECT_EQ(shm.source, "source");
  EXPECT_EQ(shm.destination, "/mnt");
  EXPECT_EQ(shm.attr_set, std::uint64_t(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV));
  EXPECT_EQ(shm.attr_clear, 0u);
  EXPECT_EQ(shm.data, (Options{"mode=1777", "size=65536k"}));
}

TEST(PlanMount, ReadsAVolumeAndAnyPartOfIt) {
  for (const char* part : {"a/b", "a,b", "a\\b", "a=b", "ro", "-"}) {
    const auto option = subpath_option(part);
    ASSERT_TRUE(option) << part;
    const MountPlan volume = plan("bind", {"rbind", "x-mycontainer-volume", *option});
    EXPECT_TRUE(volume.off_kernel);
    EXPECT_EQ(volume.subpath, part);
    EXPECT_TRUE(volume.data.empty()) << part;
  }
  EXPECT_FALSE(subpath_option("a\"b"));
  EXPECT_FALSE(subpath_option(std::string("a\0b", 3)));
  EXPECT_FALSE(plan("bind", {"rbind"}).off_kernel);
}

TEST(PlanMount, ReadsABindInAllItsSpellings) {
  for (const auto& [type, options, recursive] :
       {std::tuple{"bind", Options{}, false}, std::tuple{"none", Options{"bind"}, false},
        std::tuple{"", Options{"rbind"}, true}, std::tuple{"bind", Options{"rbind"}, true},
        std::tuple{"rbind", Options{}, true}, std::tuple{"ext4", Options{"bind", "ro"}, false}}) {
    const MountPlan bind = plan(type, options);
    EXPECT_EQ(bind.kind, MountKind::kBind) << type;
    EXPECT_EQ(bind.recursive, recursive) << type;
    EXPECT_EQ(bind.type, "") << type;
  }
}

TEST(PlanMount, ALaterOptionWins) {
  const MountPlan bind = plan("bind", {"ro", "rw", "suid", "nosuid", "noatime", "relatime"});
  EXPECT_EQ(bind.attr_set, std::uint64_t(MOUNT_ATTR_NOSUID));
  EXPECT_EQ(bind.attr_clear, std::uint64_t(MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME));
  EXPECT_EQ(plan("bind", {"relatime", "strictatime"}).attr_set,
            std::uint64_t(MOUNT_ATTR_STRICTATIME));
  EXPECT_EQ(plan("bind", {"rprivate", "shared"}).propagation, std::uint64_t(MS_SHARED));
}

struct Word {
  std::string option;
  std::uint64_t set, clear;
};

const std::vector<Word> kWords = {
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"atime", 0, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"nostrictatime", 0, MOUNT_ATTR__ATIME},
    {"relatime", 0, MOUNT_ATTR__ATIME},
    {"norelatime", 0, MOUNT_ATTR__ATIME},
};

TEST(PlanMount, EveryAttributeHasAPlainAndARecursiveForm) {
  for (const Word& word : kWords) {
    const MountPlan plain = plan("bind", {word.option});
    EXPECT_EQ(plain.attr_set, word.set) << word.option;
    EXPECT_EQ(plain.attr_clear, word.clear) << word.option;
    EXPECT_EQ(plain.tree_attr_set | plain.tree_attr_clear, 0u) << word.option;
    const MountPlan tree = plan("bind", {"r" + word.option});
    EXPECT_EQ(tree.tree_attr_set, word.set) << word.option;
    EXPECT_EQ(tree.tree_attr_clear, word.clear) << word.option;
    EXPECT_EQ(tree.attr_set | tree.attr_clear, 0u) << word.option;
    EXPECT_TRUE(plain.data.empty() && tree.data.empty()) << word.option;
  }
}

TEST(PlanMount, EveryPropagationHasAPlainAndARecursiveForm) {
  const std::vector<std::pair<std::string, std::uint64_t>> words = {{"private", MS_PRIVATE},
                                                                    {"shared", MS_SHARED},
                                                                    {"slave", MS_SLAVE},
                                                                    {"unbindable", MS_UNBINDABLE}};
  for (const auto& [word, flag] : words) {
    EXPECT_EQ(plan("bind", {word}).propagation, flag);
    EXPECT_FALSE(plan("bind", {word}).propagation_recursive);
    EXPECT_EQ(plan("bind", {"r" + word}).propagation, flag);
    EXPECT_TRUE(plan("bind", {"r" + word}).propagation_recursive);
  }
}

TEST(PlanMount, ATreeOptionOfAFilesystemIsItsOwn) {
  const MountPlan tmpfs = plan("tmpfs", {"rro", "noexec", "rexec"});
  EXPECT_EQ(tmpfs.attr_set, std::uint64_t(MOUNT_ATTR_RDONLY));
  EXPECT_EQ(tmpfs.attr_clear, std::uint64_t(MOUNT_ATTR_NOEXEC));
  EXPECT_EQ(tmpfs.tree_attr_set | tmpfs.tree_attr_clear, 0u);
}

TEST(PlanMount, PassesTheUnknownAndTheSuperblocksOwnToTheFilesystem) {
  const Options data = {"sync",    "dirsync", "lazytime", "mand", "acl",
                        "rubbish", "gid=5",   "r",        "rfoo"};
  EXPECT_EQ(plan("ext4", data).data, data);
}

TEST(PlanMount, DropsWordsWithoutEffect) {
  EXPECT_TRUE(plan("tmpfs", {"defaults", "silent", "loud", "noacl", "iversion", ""}).data.empty());
}

TEST(PlanMount, TakesAnOptionApartAtItsCommas) {
  EXPECT_EQ(plan("tmpfs", {"size=1m,mode=700", "uid=1"}).data,
            (Options{"size=1m", "mode=700", "uid=1"}));
  EXPECT_EQ(plan("tmpfs", {"nosuid,size=1m"}).attr_set, std::uint64_t(MOUNT_ATTR_NOSUID));
  EXPECT_EQ(plan("tmpfs", {"context=\"u:r:t:s0:c1,c2\",size=1m"}).data,
            (Options{"context=u:r:t:s0:c1,c2", "size=1m"}));
  EXPECT_EQ(plan("overlay", {"lowerdir=/a\\,b:/c\\:d"}).data, (Options{"lowerdir=/a,b:/c\\:d"}));
}

TEST(PlanMount, CleansTheDestination) {
  const auto destination = [](const std::string& path) {
    return plan_mount(path, "tmpfs", "", {})->destination;
  };
  EXPECT_EQ(destination("relative/is/deprecated"), "/relative/is/deprecated");
  EXPECT_EQ(destination("/dev//pts/./"), "/dev/pts");
  EXPECT_EQ(destination("/a/../../b/c/.."), "/b");
  EXPECT_EQ(clean_path("/.."), "/");
  EXPECT_EQ(clean_path(""), "/");
}

TEST(PlanMount, KnowsTheExtensions) {
  EXPECT_TRUE(plan("tmpfs", {"tmpcopyup"}).copy_up);
  EXPECT_TRUE(plan("bind", {"idmap"}).idmap);
  EXPECT_FALSE(plan("bind", {"idmap"}).idmap_recursive);
  EXPECT_TRUE(plan("bind", {"ridmap"}).idmap_recursive);
  EXPECT_TRUE(plan("bind", {"src-nofollow"}).source_nofollow);
  EXPECT_TRUE(plan("bind", {"dest-nofollow"}).destination_nofollow);
}

TEST(PlanMount, ARemountMayNameTheRoot) {
  const auto planned = plan_mount("/", "bind", "", {"remount", "bind", "ro"});
  ASSERT_TRUE(planned) << planned.error().message();
  EXPECT_EQ(planned->kind, MountKind::kRemount);
  EXPECT_EQ(planned->attr_set, std::uint64_t(MOUNT_ATTR_RDONLY));
}

TEST(PlanMount, RefusesWhatCannotBeMounted) {
  const std::string nul("a\0b", 3);
  EXPECT_FALSE(plan_mount("", "tmpfs", "", {}));
  EXPECT_FALSE(plan_mount("/", "tmpfs", "", {}));
  EXPECT_FALSE(plan_mount("//./..", "tmpfs", "", {}));
  EXPECT_FALSE(plan_mount("/mnt", "", "", {}));
  EXPECT_FALSE(plan_mount("/mnt", "bind", "", {}));
  EXPECT_FALSE(plan_mount("/mnt", "proc", "", {"tmpcopyup"}));
  EXPECT_FALSE(plan_mount(nul, "tmpfs", "", {}));
  EXPECT_FALSE(plan_mount("/mnt", nul, "", {}));
  EXPECT_FALSE(plan_mount("/mnt", "tmpfs", nul, {}));
  EXPECT_FALSE(plan_mount("/mnt", "tmpfs", "", {nul}));
  EXPECT_TRUE(plan_mount("/...", "tmpfs", "", {}));
}

TEST(MountPlanFields, NamesEveryMember) {
  MountPlan a = plan("bind", {"ro", "rprivate"});
  MountPlan b;
  EXPECT_NE(MountPlan::fields(a), MountPlan::fields(b));
  MountPlan::fields(b) = MountPlan::fields(a);
  EXPECT_EQ(MountPlan::fields(a), MountPlan::fields(b));
  EXPECT_EQ(std::tuple_size_v<decltype(MountPlan::fields(a))>, 19u);
}

}  // namespace
}  // namespace mycontainer::rootfs::mount

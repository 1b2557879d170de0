// Streams and trees that want out. Each test has a canary beside its target.
#include <atomic>
#include <thread>

#include "tests/support/in_namespaces.h"
#include "tests/unit/archive/support.h"

namespace mycontainer::rootfs::archive {
namespace {

struct Trap : test::TemporaryDirectory {
  Trap() {
    make_directory("target");
    make_directory("outside");
    make_file("outside/canary", "alive");
  }
  [[nodiscard]] std::string target() const { return *this / "target"; }
  // Unpacks below the target, and says whether all of it was taken.
  [[nodiscard]] bool takes(const std::vector<Entry>& entries) const {
    const UniqueFd fd = archive_of(entries);
    return unpacked(fd.get(), target()).has_value();
  }
  // The same, with the target as a root filesystem in which links are followed.
  [[nodiscard]] bool takes_in_root(const std::vector<Entry>& entries) const {
    const UniqueFd fd = archive_of(entries);
    const UniqueFd root = open("target");
    return unpacked(fd.get(), {root.get(), "/"}, {}).has_value();
  }
  void expect_canary() const {
    EXPECT_EQ(contents(*this / "outside/canary"), "alive");
    const UniqueFd node = open("outside");
    EXPECT_EQ(status_of(*this / "outside").st_nlink, 2U);
    EXPECT_NE(::access((*this / "outside/new").c_str(), F_OK), 0);
    EXPECT_NE(::access((*this / "new").c_str(), F_OK), 0);
  }
};

TEST(CleanMemberPath, TakesOnlyNames) {
  EXPECT_EQ(*clean_member_path("a/b"), "a/b");
  EXPECT_EQ(*clean_member_path("/a//./b/"), "a/b");
  EXPECT_EQ(*clean_member_path("./"), ".");
  EXPECT_EQ(*clean_member_path(""), ".");
  EXPECT_EQ(*clean_member_path("a..b/..."), "a..b/...");
  for (const char* path : {"..", "a/..", "/../a", "a/../../b"}) {
    EXPECT_FALSE(clean_member_path(path)) << path;
  }
}

TEST(Unpack, RefusesDotDotAndTakesAbsoluteNamesFromTheTarget) {
  const Trap trap;
  EXPECT_FALSE(trap.takes({named(Kind::kFile, "../outside/new")}));
  EXPECT_FALSE(trap.takes({named(Kind::kDirectory, "a"), named(Kind::kFile, "a/../../new")}));
  EXPECT_FALSE(trap.takes({named(Kind::kHardLink, "stolen", "../outside/canary")}));
  EXPECT_TRUE(trap.takes({named(Kind::kFile, (trap / "outside/new"))}));
  trap.expect_canary();
  EXPECT_EQ(contents(trap.target() + (trap / "outside/new")), "new");
}

TEST(Unpack, NeverWritesThroughALink) {
  const Trap trap;
  const std::string outside = trap / "outside";
  EXPECT_FALSE(trap.takes({named(Kind::kSymlink, "way", outside), named(Kind::kFile, "way/new")}));
  EXPECT_FALSE(
      trap.takes({named(Kind::kSymlink, "up", "../outside"), named(Kind::kDirectory, "up")}));
  EXPECT_FALSE(trap.takes(
      {named(Kind::kSymlink, "h", outside + "/canary"), named(Kind::kHardLink, "way/x", "h")}));
  // The link itself is replaced.
  EXPECT_TRUE(
      trap.takes({named(Kind::kSymlink, "f", outside + "/canary"), named(Kind::kFile, "f")}));
  EXPECT_TRUE(S_ISREG(status_of(trap.target() + "/f").st_mode));
  trap.expect_canary();
}

TEST(Unpack, HardLinksNameTheLinkAndNotWhereItLeads) {
  const Trap trap;
  EXPECT_TRUE(trap.takes({named(Kind::kSymlink, "link", trap / "outside/canary"),
                          named(Kind::kHardLink, "other", "link"), named(Kind::kFile, "other")}));
  EXPECT_EQ(status_of(trap / "outside/canary").st_nlink, 1U);
  trap.expect_canary();
}

TEST(Unpack, LinksInARootFilesystemLeadNowhereElse) {
  const Trap trap;
  const std::string outside = trap / "outside";
  EXPECT_TRUE(
      trap.takes_in_root({named(Kind::kSymlink, "way", outside), named(Kind::kFile, "way/new")}));
  EXPECT_EQ(contents(trap.target() + outside + "/new"), "new");
  EXPECT_TRUE(trap.takes_in_root(
      {named(Kind::kSymlink, "up", "../../../.."), named(Kind::kFile, "up/new")}));
  EXPECT_EQ(contents(trap.target() + "/new"), "new");
  trap.expect_canary();
}

TEST(Unpack, MergedDirectoriesOfARootFilesystemWork) {
  const Trap trap;
  trap.make_directory("target/usr");
  trap.make_directory("target/usr/bin");
  trap.make_link("usr/bin", "target/bin");
  EXPECT_TRUE(trap.takes_in_root({named(Kind::kFile, "bin/tool")}));
  EXPECT_EQ(contents(trap / "target/usr/bin/tool"), "new");
}

TEST(Unpack, KeepsDirectoriesAndNonDirectoriesApart) {
  const Trap trap;
  trap.make_directory("target/d");
  trap.make_file("target/f", "old");
  EXPECT_FALSE(trap.takes({named(Kind::kFile, "d")}));
  EXPECT_FALSE(trap.takes({named(Kind::kDirectory, "f")}));
  EXPECT_FALSE(trap.takes({named(Kind::kFile, "f/x")}));
  EXPECT_FALSE(trap.takes({named(Kind::kFile, ".")}));
  EXPECT_EQ(contents(trap / "target/f"), "old");
}

TEST(Unpack, IdsThatAreNotMappedBecomeRoots) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: it makes a user namespace with one id";
  const Trap trap;
  Entry entry = named(Kind::kFile, "f");
  entry.uid = entry.gid = 1234;
  const UniqueFd fd = archive_of({entry});
  test::in_namespaces(CLONE_NEWUSER, [&] {
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/uid_map", "0 0 1"));
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny"));
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, "/proc/self/gid_map", "0 0 1"));
    EXPECT_FALSE(unpacked(fd.get(), trap.target(), {Owner::kArchive, false, true}));
    ::lseek(fd.get(), 0, SEEK_SET);
    EXPECT_TRUE(unpacked(fd.get(), trap.target(), {Owner::kArchiveOrRoot, false, true}));
    EXPECT_EQ(status_of(trap / "target/f").st_uid, 0U);
  });
}

TEST(Unpack, OfADuplicateTheLastOneCounts) {
  const Trap trap;
  EXPECT_TRUE(trap.takes(
      {named(Kind::kFifo, "x"), named(Kind::kFile, "x"), named(Kind::kHardLink, "x", "./x")}));
  EXPECT_EQ(contents(trap / "target/x"), "new");
}

TEST(Unpack, RefusesWhatIsCutShortAndWhatIsNoArchive) {
  const Trap trap;
  const UniqueFd whole = archive_of({named(Kind::kFile, "a"), named(Kind::kFile, "b")});
  for (const off_t size : {100, 700, 1100}) {
    ASSERT_EQ(::ftruncate(whole.get(), size), 0);
    ::lseek(whole.get(), 0, SEEK_SET);
    EXPECT_FALSE(unpacked(whole.get(), trap.target())) << size;
  }
  const UniqueFd text = *sys::sealed_memfd("text", std::string(4096, 'x'));
  EXPECT_FALSE(unpacked(text.get(), trap.target()));
}

TEST(Unpack, NothingIsWrittenToTheKernelsOwnFilesystems) {
  const UniqueFd fd = archive_of({named(Kind::kFile, "comm")});
  const UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto done = unpacked(fd.get(), {root.get(), "/proc/self"}, {});
  EXPECT_FALSE(done);
}

TEST(Pack, NeverFollowsAndNeverOpensWhatMayBlock) {
  const Trap trap;
  trap.make_link(trap / "outside/canary", "target/file");
  trap.make_link(trap / "outside", "target/directory");
  ASSERT_EQ(::mkfifo((trap / "target/fifo").c_str(), 0644), 0);
  const UniqueFd fd = packed(trap.target());
  const auto bytes = sys::read_all(fd.get());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->find("alive"), std::string::npos);
}

TEST(Pack, OfAKernelFilesystemShowsAnEmptyDirectory) {
  const UniqueFd fd = packed("/proc", "proc");
  TarReader reader = *TarReader::open(fd.get());
  const auto first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->kind, Kind::kDirectory);
  const auto second = reader.next();
  EXPECT_TRUE(second && !*second);
}

// Whoever owns the tree exchanges a directory for a link and back, as CVE-2018-15664's attacker.
TEST(Pack, AndUnpackSurviveAnExchangedDirectory) {
  const Trap trap;
  trap.make_directory("target/d");
  trap.make_file("target/d/canary", "inside");
  trap.make_link(trap / "outside", "link");
  const UniqueFd place = trap.open();
  std::atomic<bool> stop = false;
  std::thread attacker([&] {
    while (!stop) {
      ::renameat2(place.get(), "target/d", place.get(), "link", RENAME_EXCHANGE);
    }
  });
  int inside = 0;
  for (int i = 0; i < 500; ++i) {
    const UniqueFd fd = packed(trap.target());
    const auto bytes = sys::read_all(fd.get());
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->find("alive"), std::string::npos);
    inside += bytes->find("inside") != std::string::npos ? 1 : 0;
    (void)trap.takes({named(Kind::kFile, "d/new")});
    (void)trap.takes_in_root({named(Kind::kFile, "d/new")});
  }
  stop = true;
  attacker.join();
  EXPECT_GT(inside, 0);
  trap.expect_canary();
}

}  // namespace
}  // namespace mycontainer::rootfs::archive

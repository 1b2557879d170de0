#include "rootfs/layer/diff.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include <map>

#include "rootfs/archive/tar_reader.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::layer {
namespace {

using archive::Entry;
using archive::Kind;

struct Trees : test::TemporaryDirectory {
  Trees() {
    make_directory("upper");
    make_directory("lower");
  }
  void mark(const std::string& name, const char* attribute, const std::string& value) const {
    const std::string path = *this / ("upper/" + name);
    EXPECT_EQ(::setxattr(path.c_str(), attribute, value.data(), value.size(), 0), 0);
  }
  // What the layer has, in its order.
  [[nodiscard]] std::vector<Entry> members(DiffRequest request = {}, bool whole = false) const {
    const UniqueFd upper = open("upper"), lower = open("lower");
    request.layers.upper = upper.get();
    request.layers.lower = whole ? -1 : lower.get();
    const std::string path = *this / "layer.tar";
    const UniqueFd out(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    auto writer = archive::TarWriter::open(out.get());
    const auto count = write_diff(request, *writer);
    EXPECT_TRUE(count) << count.error().message();
    EXPECT_TRUE(writer->finish());
    EXPECT_EQ(::lseek(out.get(), 0, SEEK_SET), 0);
    auto reader = archive::TarReader::open(out.get());
    std::vector<Entry> all;
    for (auto next = reader->next(); next && *next; next = reader->next()) all.push_back(**next);
    EXPECT_EQ(*count, all.size());
    return all;
  }
  [[nodiscard]] std::string names(const DiffRequest& request = {}, bool whole = false) const {
    std::string text;
    for (const Entry& entry : members(request, whole)) text += entry.path + "\n";
    return text;
  }
};

TEST(Diff, HasWhatIsNewWithItsParents) {
  const Trees trees;
  trees.make_directory("lower/etc");
  trees.make_directory("upper/etc");
  trees.make_file("upper/etc/new", "x");
  trees.make_directory("upper/empty");
  EXPECT_EQ(trees.names(), "empty/\netc/\netc/new\n");
}

TEST(Diff, OfAnUnchangedContainerIsEmpty) {
  const Trees trees;
  trees.make_file("lower/a", "x");
  EXPECT_EQ(trees.names(), "");
}

TEST(Diff, WritesWhiteoutsAndOpaqueDirectories) {
  const Trees trees;
  trees.make_directory("upper/d");
  trees.make_directory("lower/d");
  trees.make_file("lower/d/hidden", "x");
  trees.make_file("upper/d/shown", "x");
  trees.make_file("upper/gone", "");
  trees.make_file("lower/gone", "x");
  trees.mark("d", "user.overlay.opaque", "y");
  trees.mark("gone", "user.overlay.whiteout", "");
  const auto members = trees.members();
  ASSERT_EQ(members.size(), 4u);
  EXPECT_EQ(members[0].path, "d/");
  EXPECT_TRUE(members[0].xattrs.empty());
  EXPECT_EQ(members[1].path, "d/.wh..wh..opq");
  EXPECT_EQ(members[2].path, "d/shown");
  EXPECT_EQ(members[3].path, ".wh.gone");
  EXPECT_EQ(members[3].size, 0u);
  EXPECT_TRUE(members[3].xattrs.empty());
}

TEST(Diff, HasNoOpaqueMarkWhereNothingLiesBelow) {
  const Trees trees;
  trees.make_directory("upper/new");
  trees.mark("new", "user.overlay.opaque", "y");
  EXPECT_EQ(trees.names(), "new/\n");
}

TEST(Diff, DoesNotTakeAFileForAWhiteout) {
  const Trees trees;
  trees.make_file("upper/.wh.victim", "x");
  trees.make_file("upper/.wh..wh..opq", "");
  EXPECT_EQ(trees.names(), "");
}

TEST(Diff, LeavesOutWhatWasMadeForTheEnginesMounts) {
  const Trees trees;
  trees.make_directory("upper/etc");
  trees.make_file("upper/etc/hosts", "");
  trees.make_directory("upper/proc");
  trees.make_directory("upper/dev");
  trees.make_directory("upper/dev/pts");
  const DiffRequest request{
      {}, {"/etc/hosts", "/etc/hostname", "/proc", "/dev", "/dev/pts"}, false};
  EXPECT_EQ(trees.names(request), "");
  trees.make_file("upper/etc/passwd", "x");
  trees.make_file("upper/dev/mine", "x");
  EXPECT_EQ(trees.names(request), "dev/\ndev/mine\netc/\netc/passwd\n");
}

TEST(Diff, KeepsAnEmptyFileThatTheImageHasFull) {
  const Trees trees;
  trees.make_directory("lower/etc");
  trees.make_directory("upper/etc");
  trees.make_file("lower/etc/hosts", "x");
  trees.make_file("upper/etc/hosts", "");
  EXPECT_EQ(trees.names({{}, {"/etc/hosts"}, false}), "etc/\netc/hosts\n");
}

TEST(Diff, KeepsHardLinksFifosAndTimesButNoSockets) {
  const Trees trees;
  trees.make_file("upper/a", "x");
  ASSERT_EQ(::link((trees / "upper/a").c_str(), (trees / "upper/b").c_str()), 0);
  ASSERT_EQ(::mkfifo((trees / "upper/p").c_str(), 0640), 0);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const UniqueFd upper = trees.open("upper");
  const std::string place = sys::fd_path(upper.get()) + "/s";
  place.copy(address.sun_path, place.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const timespec times[2] = {{1, 0}, {2, 123456789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (trees / "upper/a").c_str(), times, 0), 0);
  const auto members = trees.members();
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].mtime.tv_nsec, 123456789);
  EXPECT_EQ(members[1].kind, Kind::kHardLink);
  EXPECT_EQ(members[1].target, "a");
  EXPECT_EQ(members[2].kind, Kind::kFifo);
}

TEST(Diff, HasTheOwnersThatTheContainerSees) {
  const Trees trees;
  trees.make_file("upper/a", "x");
  DiffRequest request;
  request.layers.uids = {{7, static_cast<std::uint32_t>(::getuid()), 1}};
  request.layers.gids = {{8, static_cast<std::uint32_t>(::getgid()), 1}};
  const auto members = trees.members(request);
  const Entry& file = members.back();
  EXPECT_EQ(file.uid, 7u);
  EXPECT_EQ(file.gid, 8u);
}

TEST(Diff, OfAWholeTreeHasItsRootAndNoTimesWhenTheyMeanNothing) {
  const Trees trees;
  trees.make_directory("upper/d");
  trees.make_file("upper/d/f", "x");
  const auto members = trees.members({{}, {}, true}, true);
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].path, "./");
  for (const Entry& entry : members) EXPECT_EQ(entry.mtime.tv_sec, 0) << entry.path;
}

std::string little_endian(std::initializer_list<std::uint32_t> numbers) {
  std::string bytes;
  for (const std::uint32_t number : numbers) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift);
  }
  return bytes;
}

TEST(Diff, TranslatesTheIdsOfAnAcl) {
  const Layers layers{-1, -1, {{0, 100000, 1000}}, {{0, 200000, 1000}}};
  // Version; owner; a user; a group; others.
  const std::string outside = little_endian(
      {2, 0x60001, 0xffffffff, 0x40002, 100005, 0x40008, 200006, 0x40020, 0xffffffff});
  const std::string inside =
      little_endian({2, 0x60001, 0xffffffff, 0x40002, 5, 0x40008, 6, 0x40020, 0xffffffff});
  EXPECT_EQ(acl_seen_inside(outside, layers), inside);
  EXPECT_EQ(acl_seen_inside("short", layers), "short");
}

TEST(Diff, TurnsTheCapabilitiesOfAUserNamespaceIntoOrdinaryOnes) {
  const Layers layers{-1, -1, {{0, 100000, 1000}}, {}};
  EXPECT_EQ(capability_seen_inside(little_endian({0x03000001, 1, 2, 3, 4, 100000}), layers),
            little_endian({0x02000001, 1, 2, 3, 4}));
  const std::string others = little_endian({0x03000001, 1, 2, 3, 4, 7});
  EXPECT_EQ(capability_seen_inside(others, layers), others);
}

}  // namespace
}  // namespace mycontainer::rootfs::layer

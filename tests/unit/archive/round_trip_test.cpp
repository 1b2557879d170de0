#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <array>

#include "tests/unit/archive/support.h"

namespace mycontainer::rootfs::archive {
namespace {

using test::TemporaryDirectory;

constexpr UnpackOptions kAll{Owner::kArchive, true, true};

struct Trees : TemporaryDirectory {
  Trees() {
    make_directory("from");
    make_directory("to");
  }
  void copy(const UnpackOptions& options = kAll) const {
    const UniqueFd fd = packed(*this / "from");
    const auto done = unpacked(fd.get(), *this / "to", options);
    ASSERT_TRUE(done) << done.error().message();
  }
};

TEST(RoundTrip, KeepsContentsModesAndNanoseconds) {
  const Trees trees;
  trees.make_directory("from/sticky", 0755);
  trees.make_file("from/sticky/run", "#!/bin/sh\n");
  ASSERT_EQ(::chmod((trees / "from/sticky/run").c_str(), 06751), 0);
  ASSERT_EQ(::chmod((trees / "from/sticky").c_str(), 01777), 0);
  const std::array<timespec, 2> times = {{{1, 2}, {1234567890, 987654321}}};
  for (const char* name : {"from/sticky/run", "from/sticky"}) {
    ASSERT_EQ(::utimensat(AT_FDCWD, (trees / name).c_str(), times.data(), 0), 0);
  }
  trees.copy();
  EXPECT_EQ(contents(trees / "to/sticky/run"), "#!/bin/sh\n");
  EXPECT_EQ(status_of(trees / "to/sticky/run").st_mode & 07777, 06751U);
  EXPECT_EQ(status_of(trees / "to/sticky").st_mode & 07777, 01777U);
  for (const char* name : {"to/sticky/run", "to/sticky"}) {
    EXPECT_EQ(status_of(trees / name).st_mtim.tv_sec, 1234567890);
    EXPECT_EQ(status_of(trees / name).st_mtim.tv_nsec, 987654321);
  }
}

TEST(RoundTrip, KeepsLinksFifosAndTwoNamesOfOneFile) {
  const Trees trees;
  trees.make_file("from/a", "one");
  ASSERT_EQ(::link((trees / "from/a").c_str(), (trees / "from/b").c_str()), 0);
  trees.make_link("/nowhere/../at all", "from/link");
  ASSERT_EQ(::mkfifo((trees / "from/fifo").c_str(), 0620), 0);
  ASSERT_EQ(::chmod((trees / "from/fifo").c_str(), 0620), 0);
  trees.copy();
  EXPECT_EQ(status_of(trees / "to/a").st_ino, status_of(trees / "to/b").st_ino);
  std::array<char, 64> target{};
  ASSERT_GT(::readlink((trees / "to/link").c_str(), target.data(), target.size()), 0);
  EXPECT_STREQ(target.data(), "/nowhere/../at all");
  EXPECT_TRUE(S_ISFIFO(status_of(trees / "to/fifo").st_mode));
  EXPECT_EQ(status_of(trees / "to/fifo").st_mode & 07777, 0620U);
}

TEST(RoundTrip, KeepsNamesThatAreNoTextAndLongOnes) {
  const Trees trees;
  const std::string long_name(250, 'n');
  const std::array names = {std::string("\xff\xfe latin \xe9"), std::string("uml\xc3\xa4ut"),
                            std::string("new\nline"), long_name};
  for (const std::string& name : names) trees.make_file("from/" + name, "x" + name);
  trees.make_directory("from/" + std::string(200, 'd'));
  trees.make_file("from/" + std::string(200, 'd') + "/" + long_name, "deep");
  trees.copy();
  for (const std::string& name : names) EXPECT_EQ(contents(trees / ("to/" + name)), "x" + name);
  EXPECT_EQ(contents(trees / ("to/" + std::string(200, 'd') + "/" + long_name)), "deep");
}

TEST(RoundTrip, KeepsExtendedAttributesCapabilitiesAndAcls) {
  const Trees trees;
  trees.make_file("from/f", "x");
  const std::string file = trees / "from/f";
  const std::string value("a\0b\nc", 5);
  if (::setxattr(file.c_str(), "user.test", value.data(), value.size(), 0) < 0) {
    GTEST_SKIP() << "needs a filesystem with user.* attributes in /tmp";
  }
  // cap_net_raw=ep, as `setcap` writes it.
  const std::string capability("\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::setxattr(file.c_str(), "security.capability", capability.data(), 20, 0), 0);
  }
  trees.copy();
  std::array<char, 64> got{};
  const std::string copy = trees / "to/f";
  ASSERT_EQ(::getxattr(copy.c_str(), "user.test", got.data(), got.size()), 5);
  EXPECT_EQ(std::string(got.data(), 5), value);
  if (!root) return;
  ASSERT_EQ(::getxattr(copy.c_str(), "security.capability", got.data(), got.size()), 20);
  EXPECT_EQ(std::string(got.data(), 20), capability);
}

TEST(RoundTrip, KeepsHolesAsHoles) {
  const Trees trees;
  constexpr off_t kSize = off_t{4} << 30;
  trees.make_file("from/hole");
  ASSERT_EQ(::truncate((trees / "from/hole").c_str(), kSize), 0);
  trees.make_file("from/island");
  const UniqueFd fd(::open((trees / "from/island").c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::pwrite(fd.get(), "land", 4, 1 << 30), 4);
  ASSERT_EQ(::ftruncate(fd.get(), kSize), 0);
  trees.copy();
  for (const char* name : {"to/hole", "to/island"}) {
    EXPECT_EQ(status_of(trees / name).st_size, kSize);
    EXPECT_LT(status_of(trees / name).st_blocks, 2000) << name;
  }
  const UniqueFd copy(::open((trees / "to/island").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 5> land{};
  ASSERT_EQ(::pread(copy.get(), land.data(), 4, 1 << 30), 4);
  EXPECT_STREQ(land.data(), "land");
}

TEST(RoundTrip, KeepsOwnersAndDevicesAsRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: it makes device nodes";
  const Trees trees;
  ASSERT_EQ(::mknod((trees / "from/null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  ASSERT_EQ(::chown((trees / "from/null").c_str(), 1234, 5678), 0);
  trees.copy();
  EXPECT_EQ(status_of(trees / "to/null").st_rdev, makedev(1, 3));
  EXPECT_EQ(status_of(trees / "to/null").st_uid, 1234U);
  EXPECT_EQ(status_of(trees / "to/null").st_gid, 5678U);
}

TEST(RoundTrip, WithoutRightsLeavesOutSetuidAndDevices) {
  const Trees trees;
  trees.make_file("from/program", "x");
  ASSERT_EQ(::chmod((trees / "from/program").c_str(), 06755), 0);
  trees.copy(UnpackOptions{});
  EXPECT_EQ(status_of(trees / "to/program").st_mode & 07777, 0755U);

  TemporaryDirectory target;
  const UniqueFd fd = archive_of({named(Kind::kBlockDevice, "disk")});
  const auto left_out = unpacked(fd.get(), target / ".");
  ASSERT_TRUE(left_out) << left_out.error().message();
  EXPECT_EQ(*left_out, std::vector<std::string>{"disk"});
  EXPECT_NE(::access((target / "disk").c_str(), F_OK), 0);
}

TEST(RoundTrip, GnuTarReadsWhatIsWritten) {
  if (::access("/bin/tar", X_OK) != 0) GTEST_SKIP() << "needs GNU tar";
  const Trees trees;
  trees.make_file("from/island");
  ASSERT_EQ(::truncate((trees / "from/island").c_str(), 10 << 20), 0);
  trees.make_file("from/" + std::string(200, 'n'), "long");
  trees.make_file("from/\xff", "bytes");
  (void)::setxattr((trees / "from/\xff").c_str(), "user.x", "y", 1, 0);
  const UniqueFd fd = packed(trees / "from", "top");
  const auto bytes = sys::read_all(fd.get());
  ASSERT_TRUE(bytes);
  trees.make_file("a.tar", *bytes);
  const std::string tar = "/bin/tar -C " + (trees / "to") + " -xf " + (trees / "a.tar");
  ASSERT_EQ(::system((tar + " 2>" + (trees / "complaints")).c_str()), 0);
  EXPECT_EQ(contents(trees / "complaints"), "");
  EXPECT_EQ(contents(trees / ("to/top/" + std::string(200, 'n'))), "long");
  EXPECT_EQ(contents(trees / "to/top/\xff"), "bytes");
  EXPECT_EQ(status_of(trees / "to/top/island").st_size, 10 << 20);
}

TEST(TarWriter, CountsAPlainStream) {
  const Trees trees;
  trees.make_file("from/f", std::string(600, 'x'));
  const UniqueFd fd = stream();
  auto writer = *TarWriter::open(fd.get());
  const UniqueFd node = trees.open("from/f");
  ASSERT_TRUE(pack(node.get(), "f", writer));
  EXPECT_EQ(writer.plain_size(), 512U + 1024U + 1024U);
}

TEST(TarWriter, WritesAsManyBytesAsItPromisedWhateverTheFileBecomes) {
  const TemporaryDirectory directory;
  directory.make_file("f", "abc");
  const UniqueFd data(::open((directory / "f").c_str(), O_RDONLY | O_CLOEXEC));
  Entry entry = named(Kind::kFile, "f");
  for (const std::uint64_t promised : {1U, 5U}) {
    entry.size = promised;
    const UniqueFd fd = stream();
    auto writer = *TarWriter::open(fd.get());
    ASSERT_TRUE(writer.add(entry, data.get()));
    ASSERT_TRUE(writer.finish());
    ::lseek(fd.get(), 0, SEEK_SET);
    TemporaryDirectory target;
    ASSERT_TRUE(unpacked(fd.get(), target / "."));
    EXPECT_EQ(contents(target / "f"), std::string("abc\0\0", 5).substr(0, promised));
  }
}

}  // namespace
}  // namespace mycontainer::rootfs::archive

#include "runtime/images/plain_tar.h"

#include <gtest/gtest.h>

#include "runtime/images/member_names.h"

namespace mycontainer::runtime::images {
namespace {

using rootfs::archive::Entry;
using rootfs::archive::Kind;

unsigned sum_of(const std::string& header) {
  unsigned sum = 0;
  for (std::size_t at = 0; at < header.size(); ++at) {
    sum += at >= 148 && at < 156 ? ' ' : static_cast<unsigned char>(header[at]);
  }
  return sum;
}

TEST(PlainTar, AHeaderIsOneBlockWithItsChecksum) {
  const std::string header = tar_header("blobs/sha256/x", 1000);
  ASSERT_EQ(header.size(), 512U);
  EXPECT_EQ(header.substr(0, 15), std::string("blobs/sha256/x\0", 15));
  EXPECT_EQ(header.substr(124, 11), "00000001750");
  EXPECT_EQ(header.substr(257, 8), std::string("ustar\00000", 8));
  EXPECT_EQ(std::stoul(header.substr(148, 6), nullptr, 8), sum_of(header));
}

TEST(PlainTar, ADirectoryIsOneByItsName) {
  EXPECT_EQ(tar_header("blobs/", 0)[156], '5');
  EXPECT_EQ(tar_header("blobs", 0)[156], '0');
}

TEST(PlainTar, ASizeFrom8GiBOnIsBinary) {
  const std::string header = tar_header("x", (std::uint64_t{1} << 33) + 5);
  EXPECT_EQ(header.substr(124, 12), std::string("\x80\0\0\0\0\0\0\x02\0\0\0\x05", 12));
  EXPECT_EQ(tar_header("x", (std::uint64_t{1} << 33) - 1).substr(124, 11), "77777777777");
}

TEST(PlainTar, PaddingGoesToTheNextBlock) {
  EXPECT_EQ(tar_padding(0).size(), 0U);
  EXPECT_EQ(tar_padding(1).size(), 511U);
  EXPECT_EQ(tar_padding(512).size(), 0U);
}

Entry link(Kind kind, const std::string& target) {
  Entry entry;
  entry.kind = kind;
  entry.target = target;
  return entry;
}

TEST(MemberNames, ALinkLeadsWithinTheArchive) {
  EXPECT_EQ(target_of("a/layer.tar", link(Kind::kSymlink, "../b/layer.tar")), "b/layer.tar");
  EXPECT_EQ(target_of("a/layer.tar", link(Kind::kSymlink, "other.tar")), "a/other.tar");
  EXPECT_EQ(target_of("a/layer.tar", link(Kind::kHardLink, "b/layer.tar")), "b/layer.tar");
}

TEST(MemberNames, ALinkOutOfTheArchiveLeadsNowhere) {
  EXPECT_EQ(target_of("a/x", link(Kind::kSymlink, "../../x")), "");
  EXPECT_EQ(target_of("a/x", link(Kind::kSymlink, "b/../../../x")), "");
  EXPECT_EQ(target_of("x", link(Kind::kHardLink, "../x")), "");
}

TEST(MemberNames, LinksInACircleLeadNowhere) {
  MemberNames<int> names;
  ASSERT_TRUE(names.add_link("a", link(Kind::kSymlink, "b")));
  ASSERT_TRUE(names.add_link("b", link(Kind::kSymlink, "a")));
  EXPECT_EQ(names.find("a"), nullptr);
}

TEST(MemberNames, ANameStandsOnce) {
  MemberNames<int> names;
  ASSERT_TRUE(names.add("a", 1));
  EXPECT_FALSE(names.add("a", 2));
}

TEST(MemberNames, TheirNumberIsBounded) {
  MemberNames<int> names;
  bool refused = false;
  for (int number = 0; number < 20000 && !refused; ++number) {
    refused = !names.add(std::string(1000, 'x') + std::to_string(number), number);
  }
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace mycontainer::runtime::images

#include "rootfs/content/digest.h"

#include <gtest/gtest.h>

namespace mycontainer::rootfs::content {
namespace {

// sha256 of nothing, and of "abc" (FIPS 180-4, appendix B.1).
constexpr const char* kEmpty =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, IsOfWhatWasGivenInWholeOrInPieces) {
  EXPECT_EQ(digest_of("").text(), kEmpty);
  EXPECT_EQ(digest_of("abc").text(), kAbc);
  Hasher hasher;
  hasher.update("a");
  hasher.update("");
  hasher.update("bc");
  EXPECT_EQ(hasher.finish().text(), kAbc);
}

TEST(Digest, OfTheLongerAlgorithmIsKnownToo) {
  Hasher hasher(Algorithm::kSha512);
  hasher.update("abc");
  const Digest digest = hasher.finish();
  EXPECT_EQ(digest.algorithm(), "sha512");
  EXPECT_TRUE(digest.hex().starts_with("ddaf35a193617abacc417349ae204131"));
  EXPECT_EQ(digest.kind(), Algorithm::kSha512);
}

TEST(Digest, IsParsedOnlyInItsOneForm) {
  const auto digest = Digest::parse(kAbc);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->hex().size(), 64U);
  EXPECT_EQ(digest->short_hex(), "ba7816bf8f01");
}

// CVE-2024-3727: a digest becomes a file's name.
TEST(Digest, IsNothingThatCouldLeadElsewhere) {
  const std::string hex(64, 'a');
  for (const std::string& text :
       {std::string(), std::string("sha256:"), "sha256:" + std::string(63, 'a'),
        "sha256:" + std::string(65, 'a'), "sha256:" + std::string(64, 'A'),
        "sha256:" + std::string(63, 'a') + "/", "sha256:../" + std::string(61, 'a'),
        std::string("../../x"), "md5:" + std::string(32, 'a'), "sha512:" + hex, hex,
        "SHA256:" + hex, " sha256:" + hex, "sha256:" + hex + "\n",
        "sha256:" + std::string(63, 'a') + std::string(1, '\0')}) {
    EXPECT_FALSE(Digest::parse(text)) << text;
  }
}

// The example of image-spec, config.md: ChainID(A|B) = Digest(ChainID(A) + " " + DiffID(B)).
TEST(ChainIds, NameEachStackOfLayers) {
  const auto a = *Digest::parse(kEmpty);
  const auto b = *Digest::parse(kAbc);
  const auto chain = chain_ids({a, b, a});
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_EQ(chain[0], a);
  EXPECT_EQ(chain[1], digest_of(std::string(kEmpty) + " " + kAbc));
  EXPECT_EQ(chain[2], digest_of(chain[1].text() + " " + kEmpty));
  EXPECT_TRUE(chain_ids({}).empty());
}

}  // namespace
}  // namespace mycontainer::rootfs::content

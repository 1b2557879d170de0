#include "rootfs/image/descriptor.h"

#include <gtest/gtest.h>

namespace mycontainer::rootfs::image {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string descriptor(const std::string& type, const std::string& more = "") {
  return R"({"mediaType":")" + type + R"(","digest":")" + kDigest + R"(","size":7)" + more + "}";
}

std::string manifest(const std::string& more = "") {
  return R"({"schemaVersion":2,"config":)" +
         descriptor("application/vnd.oci.image.config.v1+json") + R"(,"layers":[)" +
         descriptor("application/vnd.oci.image.layer.v1.tar+gzip") + "]" + more + "}";
}

std::string index(const std::string& more = "") {
  return R"({"schemaVersion":2,"manifests":[)" +
         descriptor(std::string(media_type::kOciManifest),
                    R"(,"platform":{"os":"linux","architecture":"arm64","variant":"v8"})") +
         "]" + more + "}";
}

TEST(Manifest, IsReadInBothForms) {
  const auto oci = parse_manifest(manifest());
  ASSERT_TRUE(oci) << oci.error().message();
  EXPECT_EQ(oci->media_type, media_type::kOciManifest);
  EXPECT_EQ(oci->layers.size(), 1U);
  EXPECT_EQ(oci->layers[0].size, 7U);
  const std::string docker =
      manifest(R"(,"mediaType":"application/vnd.docker.distribution.manifest.v2+json")");
  EXPECT_EQ(parse_manifest(docker)->media_type, media_type::kDockerManifest);
  EXPECT_EQ(parse_manifest(docker, media_type::kDockerManifest)->media_type,
            media_type::kDockerManifest);
}

TEST(Manifest, SurvivesBeingWrittenAndRead) {
  Manifest one = *parse_manifest(manifest(R"(,"annotations":{"a":"b"})"));
  const auto two = parse_manifest(to_json(one), one.media_type);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->config, one.config);
  EXPECT_EQ(two->layers, one.layers);
  EXPECT_EQ(two->annotations, one.annotations);
}

// CVE-2021-41190.
TEST(Manifest, ThatIsAlsoAnIndexIsRefused) {
  const std::string both = manifest(R"(,"manifests":[])");
  EXPECT_FALSE(parse_manifest(both));
  EXPECT_FALSE(parse_index(both));
  EXPECT_FALSE(media_type_of(both));
  EXPECT_FALSE(parse_index(manifest()));
  EXPECT_FALSE(parse_manifest(index()));
  EXPECT_FALSE(parse_manifest(manifest(), media_type::kOciIndex));
  EXPECT_FALSE(parse_index(index(), media_type::kOciManifest));
  EXPECT_FALSE(
      parse_manifest(manifest(R"(,"mediaType":"application/vnd.oci.image.index.v1+json")")));
  EXPECT_FALSE(parse_manifest(
      manifest(R"(,"mediaType":"application/vnd.docker.distribution.manifest.v2+json")"),
      media_type::kOciManifest));
}

TEST(Manifest, OfSchemaOneSaysSo) {
  const auto old = parse_manifest(R"({"schemaVersion":1,"fsLayers":[]})");
  ASSERT_FALSE(old);
  EXPECT_NE(old.error().message().find("schema 1"), std::string::npos);
}

TEST(Manifest, WithWrongMembersIsRefused) {
  for (const std::string text :
       {"", "[]", "null", "{", R"({"schemaVersion":2})", R"({"schemaVersion":3,"layers":[]})",
        R"({"schemaVersion":2,"config":{},"layers":[]})",
        R"({"schemaVersion":2,"config":[],"layers":[]})",
        R"({"schemaVersion":2,"config":{"digest":"sha256:../../x","size":1},"layers":[]})",
        R"({"schemaVersion":2,"layers":{}})"}) {
    EXPECT_FALSE(parse_manifest(text)) << text;
  }
  std::string negative = manifest();
  negative.replace(negative.find(R"("size":7)"), 8, R"("size":-7)");
  EXPECT_FALSE(parse_manifest(negative));
}

TEST(Manifest, OfBoundlessDepthOrSizeIsRefused) {
  const std::string deep(100000, '[');
  EXPECT_FALSE(parse_manifest(manifest(R"(,"x":)" + deep)));
  EXPECT_FALSE(parse_manifest(manifest(R"(,"x":")" + std::string(5 << 20, 'x') + "\"")));
  std::string layers;
  for (int i = 0; i < 1001; ++i) {
    layers += (i == 0 ? "" : ",") + descriptor("application/vnd.oci.image.layer.v1.tar");
  }
  EXPECT_FALSE(parse_manifest(R"({"schemaVersion":2,"config":)" + descriptor("x") +
                              R"(,"layers":[)" + layers + "]}"));
}

// Brackets inside strings are no depth.
TEST(Manifest, MayHaveBracketsInItsText) {
  EXPECT_TRUE(
      parse_manifest(manifest(R"(,"annotations":{"a":")" + std::string(200, '[') + R"(\"{{"})")));
}

TEST(Index, HasPlatforms) {
  const auto parsed = parse_index(index());
  ASSERT_TRUE(parsed) << parsed.error().message();
  ASSERT_EQ(parsed->manifests.size(), 1U);
  EXPECT_EQ(parsed->manifests[0].platform, (Platform{"linux", "arm64", "v8"}));
  const auto again = parse_index(to_json(*parsed));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->manifests, parsed->manifests);
}

TEST(MediaTypes, OfLayersAreKnown) {
  EXPECT_TRUE(is_layer("application/vnd.oci.image.layer.v1.tar"));
  EXPECT_TRUE(is_layer("application/vnd.oci.image.layer.v1.tar+zstd"));
  EXPECT_TRUE(is_layer("application/vnd.docker.image.rootfs.diff.tar.gzip"));
  EXPECT_FALSE(is_layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"));
  EXPECT_FALSE(is_layer("application/octet-stream"));
}

}  // namespace
}  // namespace mycontainer::rootfs::image

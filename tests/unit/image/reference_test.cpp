#include "rootfs/image/reference.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace mycontainer::rootfs::image {
namespace {

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;

Reference read(std::string_view text) {
  auto reference = parse_reference(text);
  EXPECT_TRUE(reference) << text << ": " << reference.error().message();
  return reference ? *reference : Reference{};
}

std::string refusal(std::string_view text) {
  const auto reference = parse_reference(text);
  EXPECT_FALSE(reference) << text << " was read as " << reference->text();
  return reference ? "" : reference.error().message();
}

TEST(Reference, AShortNameIsAnOfficialImageOfDockers) {
  const Reference alpine = read("alpine");
  EXPECT_EQ(alpine.domain, "docker.io");
  EXPECT_EQ(alpine.path, "library/alpine");
  EXPECT_EQ(alpine.tag, "");
  EXPECT_TRUE(alpine.digest.empty());
  EXPECT_EQ(alpine.text(), "docker.io/library/alpine");
  EXPECT_EQ(alpine.familiar(), "alpine");
}

struct Name {
  const char* typed;
  const char* domain;
  const char* path;
  const char* tag;
  const char* familiar;
};

// distribution's reference package reads each of these so.
constexpr std::array kNames = {
    Name{"alpine:3.20", "docker.io", "library/alpine", "3.20", "alpine:3.20"},
    Name{"ada/app", "docker.io", "ada/app", "", "ada/app"},
    Name{"ada/app:x", "docker.io", "ada/app", "x", "ada/app:x"},
    Name{"docker.io/alpine", "docker.io", "library/alpine", "", "alpine"},
    Name{"docker.io/library/alpine", "docker.io", "library/alpine", "", "alpine"},
    Name{"index.docker.io/alpine:1", "docker.io", "library/alpine", "1", "alpine:1"},
    Name{"docker.io/library/a/b", "docker.io", "library/a/b", "", "library/a/b"},
    Name{"library/alpine", "docker.io", "library/alpine", "", "alpine"},
    Name{"localhost/x", "localhost", "x", "", "localhost/x"},
    Name{"localhost:5000/x:y", "localhost:5000", "x", "y", "localhost:5000/x:y"},
    Name{"myhost:5000/x", "myhost:5000", "x", "", "myhost:5000/x"},
    Name{"myhost/x", "docker.io", "myhost/x", "", "myhost/x"},
    Name{"MyHost/x", "MyHost", "x", "", "MyHost/x"},
    Name{"Example.COM/x", "Example.COM", "x", "", "Example.COM/x"},
    Name{"quay.io/a/b/c/d:t", "quay.io", "a/b/c/d", "t", "quay.io/a/b/c/d:t"},
    Name{"127.0.0.1:5000/x", "127.0.0.1:5000", "x", "", "127.0.0.1:5000/x"},
    Name{"[::1]:5000/x", "[::1]:5000", "x", "", "[::1]:5000/x"},
    Name{"[2001:DB8::1]/x:t", "[2001:DB8::1]", "x", "t", "[2001:DB8::1]/x:t"},
    Name{"a-b.c-d.e/x", "a-b.c-d.e", "x", "", "a-b.c-d.e/x"},
    Name{"xn--n3h.com/x", "xn--n3h.com", "x", "", "xn--n3h.com/x"},
    Name{"a.b/x--y.z_q__r---s", "a.b", "x--y.z_q__r---s", "", "a.b/x--y.z_q__r---s"},
    Name{"localhost", "docker.io", "library/localhost", "", "localhost"},
    Name{"foo.com:80", "docker.io", "library/foo.com", "80", "foo.com:80"},
    Name{"a:_", "docker.io", "library/a", "_", "a:_"},
    Name{"a:A.b-C_9", "docker.io", "library/a", "A.b-C_9", "a:A.b-C_9"},
};

TEST(Reference, IsReadAsDockerReadsIt) {
  for (const Name& name : kNames) {
    const Reference reference = read(name.typed);
    EXPECT_EQ(reference.domain, name.domain) << name.typed;
    EXPECT_EQ(reference.path, name.path) << name.typed;
    EXPECT_EQ(reference.tag, name.tag) << name.typed;
    EXPECT_EQ(reference.familiar(), name.familiar) << name.typed;
  }
}

TEST(Reference, WhatItPrintsIsReadAsTheSame) {
  for (const Name& name : kNames) {
    const Reference reference = read(name.typed);
    EXPECT_EQ(read(reference.text()), reference) << name.typed;
    EXPECT_EQ(read(reference.familiar()), reference) << name.typed;
  }
}

TEST(Reference, TheFamiliarFormIsNeverAnotherName) {
  for (const std::string name :
       {"docker.io/a.b/c", "docker.io/localhost/x:1", "docker.io/a.b/c/d"}) {
    EXPECT_EQ(read(name).familiar(), name);
  }
  EXPECT_EQ(read("docker.io/library/" + kHex).familiar(), "docker.io/library/" + kHex);
  EXPECT_EQ(read("docker.io/library/a.b").familiar(), "a.b");
  EXPECT_EQ(read("docker.io/a_b/c").familiar(), "a_b/c");
}

TEST(Reference, MayHaveATagAndADigest) {
  const Reference both = read("localhost:5000/x:t@" + kDigest);
  EXPECT_EQ(both.tag, "t");
  EXPECT_EQ(both.digest.text(), kDigest);
  EXPECT_EQ(both.text(), "localhost:5000/x:t@" + kDigest);
  EXPECT_EQ(read("alpine@" + kDigest).familiar(), "alpine@" + kDigest);
  EXPECT_EQ(read("a@sha512:" + std::string(128, '0')).digest.algorithm(), "sha512");
}

TEST(Reference, WhatIsNoneIsRefused) {
  for (const std::string text : {"",
                                 " ",
                                 "/",
                                 ":",
                                 "@",
                                 ":t",
                                 "/bin/sh",
                                 ".",
                                 "./x",
                                 "../x",
                                 "a/",
                                 "/a",
                                 "a//b",
                                 "a:",
                                 "a@",
                                 "a:t:u",
                                 "a b",
                                 "-a",
                                 "a-",
                                 ".a",
                                 "a.",
                                 "_a",
                                 "a..b",
                                 "a___b",
                                 "a_-b",
                                 "a.-b",
                                 "a:.t",
                                 "a:-t",
                                 "a:t/u",
                                 "docker.io/",
                                 "localhost:/x",
                                 "localhost:x/x",
                                 "-h.com/x",
                                 "h-.com/x",
                                 "h..com/x",
                                 ".com/x",
                                 "h_h.com/x",
                                 "h.com./x",
                                 "::1/x",
                                 "[::1/x",
                                 "[]/x",
                                 "[::g]/x",
                                 "[::1]x/x",
                                 "[::1]:/x",
                                 "x[::1]/x",
                                 "[fe80::1%eth0]/x",
                                 "https://h.com/x",
                                 "a\n",
                                 "\xc3\xa4",
                                 "a:\xc3\xa4",
                                 "a/../b"}) {
    EXPECT_NE(refusal(text).find("invalid reference format"), std::string::npos) << text;
  }
  EXPECT_NE(refusal(std::string("a\0b", 3)), "");
}

TEST(Reference, ADigestIsTakenOnlyInItsOneForm) {
  for (const std::string& digest :
       {"sha256:" + std::string(63, 'a'), "sha256:" + std::string(65, 'a'),
        "sha256:" + std::string(64, 'A'), "md5:" + std::string(32, 'a'),
        "sha256:" + std::string(62, 'a') + "/x", std::string("sha256:../../x"), kHex,
        kDigest + "@" + kDigest, "SHA256:" + kHex}) {
    EXPECT_NE(refusal("alpine@" + digest).find("invalid reference format"), std::string::npos)
        << digest;
  }
}

TEST(Reference, UpperCaseInARepositoryIsRefusedInDockersWords) {
  EXPECT_EQ(refusal("Alpine"),
            "invalid reference format: repository name (library/Alpine) must be lowercase");
  EXPECT_EQ(refusal("localhost:5000/a/B:T"),
            "invalid reference format: repository name (a/B) must be lowercase");
}

TEST(Reference, AnIdIsNoName) {
  EXPECT_EQ(refusal(kHex),
            "invalid repository name (" + kHex + "), cannot specify 64-byte hexadecimal strings");
  EXPECT_EQ(read(std::string(63, 'a')).path, "library/" + std::string(63, 'a'));
  EXPECT_EQ(read("x/" + kHex).path, "x/" + kHex);
}

TEST(Reference, LengthsAreBounded) {
  const std::string longest(255 - std::string("h.com/").size(), 'a');
  EXPECT_EQ(read("h.com/" + longest).path, longest);
  EXPECT_EQ(refusal("h.com/" + longest + "a"),
            "repository name must not be more than 255 characters");
  EXPECT_EQ(read("a:" + std::string(128, 't')).tag.size(), 128u);
  EXPECT_LT(refusal("a:" + std::string(129, 't')).size(), 300u);
  EXPECT_LT(refusal(std::string(1 << 20, 'A')).size(), 400u);
}

TEST(Reference, LatestIsMeantWhenNeitherTagNorDigestStandsThere) {
  EXPECT_EQ(parse_tagged_reference("alpine")->familiar(), "alpine:latest");
  EXPECT_EQ(parse_tagged_reference("alpine:3")->familiar(), "alpine:3");
  EXPECT_EQ(parse_tagged_reference("alpine@" + kDigest)->familiar(), "alpine@" + kDigest);
  EXPECT_FALSE(parse_tagged_reference("Alpine"));
}

TEST(Reference, AShortNameHasNoSlash) {
  EXPECT_TRUE(is_short_name("alpine:3"));
  EXPECT_TRUE(is_short_name("alpine@" + kDigest));
  EXPECT_FALSE(is_short_name("ada/app"));
  EXPECT_FALSE(is_short_name("localhost:5000/x"));
}

}  // namespace
}  // namespace mycontainer::rootfs::image

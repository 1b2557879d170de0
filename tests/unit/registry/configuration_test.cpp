#include "rootfs/registry/configuration.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/unit/registry/own_home.h"

namespace mycontainer::rootfs::registry {
namespace {

using Texts = std::vector<std::string>;

const std::string kConf = ".config/containers/registries.conf";
const std::string kDropIns = ".config/containers/registries.conf.d/";
const std::string kDigest = "@sha256:" + std::string(64, 'a');

class RegistriesConf : public OwnHome {
 protected:
  Configuration load(const std::string& text, const Options& options = {}) {
    write(kConf, text);
    return load_again(options);
  }
  static Configuration load_again(const Options& options = {}) {
    auto configuration = Configuration::load(options);
    EXPECT_TRUE(configuration) << configuration.error().message();
    return configuration ? *std::move(configuration) : Configuration();
  }
  std::string refusal(const std::string& text) {
    write(kConf, text);
    const auto configuration = Configuration::load();
    EXPECT_FALSE(configuration) << text;
    return configuration ? "" : configuration.error().message();
  }
};

Texts meanings(const Configuration& configuration, std::string_view word) {
  const auto references = configuration.resolve(word);
  EXPECT_TRUE(references) << references.error().message();
  Texts texts;
  for (const auto& reference : *references) texts.push_back(reference.text());
  return texts;
}

std::vector<Source> sources(const Configuration& configuration, std::string_view name,
                            bool pull = true) {
  auto found = configuration.sources(*image::parse_reference(name), pull);
  EXPECT_TRUE(found) << found.error().message();
  return found ? *std::move(found) : std::vector<Source>();
}

// "HOST NAME", with " mirror" and " insecure" where it is so.
Texts places(const Configuration& configuration, std::string_view name, bool pull = true) {
  Texts texts;
  for (const Source& source : sources(configuration, name, pull)) {
    texts.push_back(source.endpoint.host + " " + source.reference.text() +
                    (source.mirror ? " mirror" : "") +
                    (source.endpoint.insecure ? " insecure" : ""));
  }
  return texts;
}

TEST_F(RegistriesConf, WithoutOneAShortNameIsDockers) {
  const Configuration configuration = load("");
  EXPECT_EQ(meanings(configuration, "alpine"), Texts{"docker.io/library/alpine:latest"});
  EXPECT_EQ(meanings(configuration, "ada/app:1"), Texts{"docker.io/ada/app:1"});
  EXPECT_EQ(meanings(configuration, "quay.io/x" + kDigest), Texts{"quay.io/x" + kDigest});
  EXPECT_FALSE(configuration.resolve("Alpine"));
}

TEST_F(RegistriesConf, AShortNameIsSearchedForInTheRegistriesItNames) {
  const Configuration configuration =
      load("unqualified-search-registries = ['quay.io', \"docker.io\", 'localhost:5000']");
  EXPECT_EQ(meanings(configuration, "x:1"),
            (Texts{"quay.io/x:1", "docker.io/library/x:1", "localhost:5000/x:1"}));
  EXPECT_EQ(meanings(configuration, "x" + kDigest).front(), "quay.io/x" + kDigest);
  EXPECT_EQ(meanings(configuration, "ada/x"), Texts{"docker.io/ada/x:latest"});
}

TEST_F(RegistriesConf, AnAliasLeadsToOneName) {
  const Configuration configuration = load(
      "unqualified-search-registries = ['quay.io']\n"
      "[aliases]\n'fedora' = 'registry.example/linux/fedora'\nalpine = 'docker.io/alpine'");
  EXPECT_EQ(meanings(configuration, "fedora:41"), Texts{"registry.example/linux/fedora:41"});
  EXPECT_EQ(meanings(configuration, "fedora"), Texts{"registry.example/linux/fedora:latest"});
  EXPECT_EQ(meanings(configuration, "fedora" + kDigest),
            Texts{"registry.example/linux/fedora" + kDigest});
  EXPECT_EQ(meanings(configuration, "alpine"), Texts{"docker.io/library/alpine:latest"});
  EXPECT_EQ(meanings(configuration, "debian"), Texts{"quay.io/debian:latest"});
}

TEST_F(RegistriesConf, SeveralMeaningsAreRefusedWhenItEnforcesOne) {
  const std::string enforcing = "short-name-mode = 'enforcing'\nunqualified-search-registries = ";
  EXPECT_EQ(meanings(load(enforcing + "['quay.io']"), "x"), Texts{"quay.io/x:latest"});
  const auto several = load(enforcing + "['a.b', 'c.d']").resolve("x");
  ASSERT_FALSE(several);
  EXPECT_NE(several.error().message().find("a.b/x:latest, c.d/x:latest"), std::string::npos);
}

TEST_F(RegistriesConf, DropInsAreReadInTheirOrderAndWin) {
  write(kDropIns + "20-b.conf",
        "[aliases]\nx = 'b.example/x'\ngone = ''\n[[registry]]\nlocation='r.io'\ninsecure=true");
  write(kDropIns + "10-a.conf",
        "unqualified-search-registries=['a.example']\n[aliases]\n"
        "x = 'a.example/x'\ngone = 'a.example/gone'");
  write(kDropIns + "30-c.txt", "this is no toml");
  const Configuration configuration = load(
      "unqualified-search-registries=['first.example']\n[[registry]]\nlocation='r.io'\n"
      "blocked=true");
  EXPECT_EQ(meanings(configuration, "x"), Texts{"b.example/x:latest"});
  EXPECT_EQ(meanings(configuration, "gone"), Texts{"a.example/gone:latest"});
  EXPECT_EQ(places(configuration, "r.io/x:1"), Texts{"r.io r.io/x:1 insecure"});
}

TEST_F(RegistriesConf, TheEnvironmentNamesAnotherFile) {
  write(kConf, "unqualified-search-registries=['own.example']");
  write("other.conf", "unqualified-search-registries=['other.example']");
  ::setenv("CONTAINERS_REGISTRIES_CONF", (home_ / "other.conf").c_str(), 1);
  EXPECT_EQ(meanings(load_again(), "no-alias-of-debians"),
            Texts{"other.example/no-alias-of-debians:latest"});
  ::setenv("CONTAINERS_REGISTRIES_CONF", (home_ / "missing.conf").c_str(), 1);
  const auto missing = Configuration::load();
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find("missing.conf"), std::string::npos);
}

TEST_F(RegistriesConf, WhoHasNoHomeHasTheSystems) {
  ::unsetenv("HOME");
  EXPECT_TRUE(Configuration::load());
}

TEST_F(RegistriesConf, WithoutATableANameIsToBeHadWhereItSays) {
  const Configuration configuration = load("");
  EXPECT_EQ(places(configuration, "alpine:3"),
            Texts{"registry-1.docker.io docker.io/library/alpine:3"});
  EXPECT_EQ(places(configuration, "quay.io/x:1"), Texts{"quay.io quay.io/x:1"});
}

TEST_F(RegistriesConf, ThisMachineIsInsecureUnlessTheFileOrTheOptionSaysOtherwise) {
  const auto insecure = [](const Configuration& configuration, const std::string& host) {
    return sources(configuration, host + "/x").front().endpoint.insecure;
  };
  const Configuration plain = load("");
  for (const char* host :
       {"localhost", "localhost:5000", "127.0.0.1:5000", "127.9.8.7", "[::1]", "[::1]:5000"}) {
    EXPECT_TRUE(insecure(plain, host)) << host;
  }
  for (const char* host : {"127.example.com", "127.0.0.1.example.com", "128.0.0.1", "[::2]:5000",
                           "localhost.example.com", "xlocalhost:1", "[1::1]"}) {
    EXPECT_FALSE(insecure(plain, host)) << host;
  }
  EXPECT_FALSE(
      insecure(load("[[registry]]\nlocation='localhost:1'\ninsecure=false"), "localhost:1"));
  EXPECT_TRUE(insecure(load("[[registry]]\nlocation='quay.io'\ninsecure=true"), "quay.io"));
  EXPECT_FALSE(insecure(load_again({.tls_verify = true, .certificate_directory = {}}), "quay.io"));
  EXPECT_TRUE(insecure(load_again({.tls_verify = false, .certificate_directory = {}}), "other.io"));
  EXPECT_FALSE(insecure(load_again({.tls_verify = {}, .certificate_directory = "/c"}), "[::1]:5"));
}

TEST_F(RegistriesConf, MirrorsComeFirstAndMayHaveOtherPaths) {
  const Configuration configuration = load(R"(
[[registry]]
prefix = "example.com/foo"
location = "internal.example.net/bar"
[[registry.mirror]]
location = "mirror-0.local/mirror-for-foo"
[[registry.mirror]]
location = "localhost:5000"
[[registry.mirror]]
location = "mirror-1.local"
insecure = true
)");
  EXPECT_EQ(places(configuration, "example.com/foo/image:1"),
            (Texts{"mirror-0.local mirror-0.local/mirror-for-foo/image:1 mirror",
                   "localhost:5000 localhost:5000/image:1 mirror insecure",
                   "mirror-1.local mirror-1.local/image:1 mirror insecure",
                   "internal.example.net internal.example.net/bar/image:1"}));
  EXPECT_EQ(places(configuration, "example.com/foo/image:1", false),
            Texts{"example.com example.com/foo/image:1"});
  EXPECT_EQ(places(configuration, "example.com/food/image:1"),
            Texts{"example.com example.com/food/image:1"});
}

TEST_F(RegistriesConf, DockersOwnImagesHaveMirrors) {
  const Configuration configuration =
      load("[[registry]]\nlocation='docker.io'\n[[registry.mirror]]\nlocation='m.io/hub'");
  EXPECT_EQ(places(configuration, "alpine:3"),
            (Texts{"m.io m.io/hub/library/alpine:3 mirror",
                   "registry-1.docker.io docker.io/library/alpine:3"}));
}

TEST_F(RegistriesConf, AMirrorMayBeForTagsOrForDigestsOnly) {
  const Configuration each = load(R"(
[[registry]]
location = "r.io"
[[registry.mirror]]
location = "digest.io"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "tag.io"
pull-from-mirror = "tag-only"
[[registry.mirror]]
location = "all.io"
pull-from-mirror = "all"
)");
  EXPECT_EQ(places(each, "r.io/x:1"),
            (Texts{"tag.io tag.io/x:1 mirror", "all.io all.io/x:1 mirror", "r.io r.io/x:1"}));
  EXPECT_EQ(places(each, "r.io/x" + kDigest).front(),
            "digest.io digest.io/x" + kDigest + " mirror");
  EXPECT_EQ(places(each, "r.io/x:1" + kDigest).size(), 3u);

  const Configuration all = load(
      "[[registry]]\nlocation='r.io'\nmirror-by-digest-only=true\n[[registry.mirror]]\n"
      "location='m.io'");
  EXPECT_EQ(places(all, "r.io/x:1").size(), 1u);
  EXPECT_EQ(places(all, "r.io/x" + kDigest).size(), 2u);
}

TEST_F(RegistriesConf, TheLongestPrefixCounts) {
  const Configuration configuration = load(R"(
[[registry]]
location = "r.io"
blocked = true
[[registry]]
prefix = "r.io/ok"
location = "s.io"
[[registry]]
prefix = "r.io/ok/one:2"
location = "t.io/two:3"
)");
  EXPECT_EQ(places(configuration, "r.io/ok/x:1"), Texts{"s.io s.io/x:1"});
  EXPECT_EQ(places(configuration, "r.io/ok/one:2"), Texts{"t.io t.io/two:3"});
  EXPECT_EQ(places(configuration, "r.io/ok/one:23"), Texts{"s.io s.io/one:23"});
  EXPECT_EQ(places(configuration, "r.io:5000/x:1"), Texts{"r.io:5000 r.io:5000/x:1"});
  for (const bool pull : {true, false}) {
    const auto blocked = configuration.sources(*image::parse_reference("r.io/x"), pull);
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().message(), "registry r.io is blocked in " + (home_ / kConf));
  }
}

TEST_F(RegistriesConf, AnAsteriskStandsForEveryHostOfADomain) {
  const Configuration configuration = load(
      "[[registry]]\nprefix='*.example.com'\ninsecure=true\n"
      "[[registry]]\nprefix='*.moved.com'\nlocation='new.io/all'");
  EXPECT_EQ(places(configuration, "a.b.example.com/x:1"),
            Texts{"a.b.example.com a.b.example.com/x:1 insecure"});
  EXPECT_EQ(places(configuration, "a.example.com:5000/x:1"),
            Texts{"a.example.com:5000 a.example.com:5000/x:1 insecure"});
  EXPECT_EQ(places(configuration, "example.com/x:1"), Texts{"example.com example.com/x:1"});
  EXPECT_EQ(places(configuration, "badexample.com/x:1").front().find("insecure"),
            Texts::value_type::npos);
  EXPECT_EQ(places(configuration, "q.io/a.example.com/x:1"), Texts{"q.io q.io/a.example.com/x:1"});
  EXPECT_EQ(places(configuration, "a.moved.com/y/x:1"), Texts{"new.io new.io/all/y/x:1"});
}

TEST_F(RegistriesConf, CertificatesAreInTheDirectoryOfTheHost) {
  write(".config/containers/certs.d/r.io:5000/ca.crt", "");
  const Configuration configuration = load("");
  const auto certificates = [](const Configuration& from, const char* name) {
    return sources(from, name).front().endpoint.certificate_directories;
  };
  EXPECT_EQ(certificates(configuration, "r.io:5000/x"),
            Texts{home_ / ".config/containers/certs.d/r.io:5000"});
  EXPECT_EQ(certificates(configuration, "r.io/x"), Texts{});
  const Configuration chosen = load_again({.tls_verify = {}, .certificate_directory = "/c"});
  EXPECT_EQ(certificates(chosen, "r.io:5000/x"), Texts{"/c"});
}

TEST_F(RegistriesConf, ABrokenOneIsNamedWithItsLine) {
  const std::string file = home_ / kConf;
  for (const auto& [text, line, words] : std::vector<std::tuple<std::string, int, std::string>>{
           {"a = 1\nb = ", 2, ""},
           {"a = 1\n[[registry]\n", 2, ""},
           {"[[registry]]\nlocation = 'r.io'\nblocked = 'yes'", 3, "blocked must be true or false"},
           {"\n[[registry]]\ninsecure = true", 2, "a registry needs a location"},
           {"[[registry]]\nprefix = 'r.io'", 1, "\"r.io\" needs a location"},
           {"[[registry]]\nlocation = 'https://r.io'", 2, "location \"https://r.io\" is not HOST"},
           {"[[registry]]\nlocation = 'r'", 2, "location \"r\" is not HOST"},
           {"[[registry]]\nlocation = 7", 2, "location must be a string"},
           {"[[registry]]\nprefix = '*.r.io/x'\nlocation='r.io'", 1, "prefix \"*.r.io/x\""},
           {"[[registry]]\nlocation='r.io'\n[[registry.mirror]]\ninsecure=true", 3,
            "a mirror needs a location"},
           {"[[registry]]\nlocation='r.io'\n[[registry.mirror]]\nlocation='m.io'\n"
            "pull-from-mirror='never'",
            5, "not \"never\""},
           {"[[registry]]\nlocation='r.io'\nmirror-by-digest-only=true\n[[registry.mirror]]\n"
            "location='m.io'\npull-from-mirror='all'",
            6, "conflicts"},
           {"[registry]\nlocation='r.io'", 1, "registry must be an array of tables"},
           {"unqualified-search-registries = 'r.io'", 1, "must be an array"},
           {"unqualified-search-registries = [\n'r.io', 'r']", 2, "\"r\" is not HOST"},
           {"short-name-mode = 'x'", 1, "short-name-mode is"},
           {"[aliases]\n'a/b' = 'r.io/x'\n'r.io/y' = 'r.io/x'", 3, "not a short name"},
           {"[aliases]\n'a:1' = 'r.io/x'", 2, "not a short name"},
           {"[aliases]\na = 'x'", 2, "not HOST/NAME"},
           {"[aliases]\na = 'r.io/x:1'", 2, "not HOST/NAME"},
           {"[aliases]\na = 'r.io/x'\na = 'r.io/y'", 3, ""},
           {"[registries.block]\nregistries = ['r.io']", 1, "version 1"},
       }) {
    const std::string message = refusal(text);
    EXPECT_EQ(message.rfind(fmt::format("{}:{}: ", file, line), 0), 0u) << text << "\n" << message;
    EXPECT_NE(message.find(words), std::string::npos) << text << "\n" << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST_F(RegistriesConf, AnEndlessOrDeepOneIsRefused) {
  EXPECT_NE(refusal(std::string((1 << 20) + 1, '\n')).find("EFBIG"), std::string::npos);
  EXPECT_NE(refusal("a = " + std::string(100000, '[')), "");
  EXPECT_NE(refusal("a = " + std::string(100000, '{')), "");
}

TEST_F(RegistriesConf, WhatItDoesNotKnowIsPassedOver) {
  EXPECT_EQ(meanings(load("credential-helpers = ['x']\nnew = 1\n[[registry]]\nlocation='r.io/'\n"
                          "new = 2"),
                     "x"),
            Texts{"docker.io/library/x:latest"});
}

}  // namespace
}  // namespace mycontainer::rootfs::registry

#include "rootfs/registry/keychain.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "rootfs/registry/base64.h"
#include "rootfs/registry/credential_helper.h"
#include "tests/unit/registry/own_home.h"

namespace mycontainer::rootfs::registry {
namespace {

const std::string kConfig = ".docker/config.json";

// "USER:PASSWORD" as files have it.
std::string auth(const std::string& text) { return R"({"auth":")" + to_base64(text) + R"("})"; }

class KeychainTest : public OwnHome {
 protected:
  KeychainTest() { ::setenv("PATH", (home_ / "bin:/usr/bin:/bin").c_str(), 1); }

  // "USER:PASSWORD", "token TOKEN", "" for nothing.
  static std::string found(std::string_view repository, const std::string& authfile = {}) {
    const auto credentials = Keychain::open(authfile)->find(repository);
    EXPECT_TRUE(credentials) << credentials.error().message();
    if (!credentials || !*credentials) return "";
    const Credentials& known = **credentials;
    return known.identity_token.empty() ? known.user + ":" + known.password
                                        : "token " + known.identity_token;
  }
  static std::string refusal(std::string_view repository, const std::string& authfile = {}) {
    const auto credentials = Keychain::open(authfile)->find(repository);
    EXPECT_FALSE(credentials);
    return credentials ? "" : credentials.error().message();
  }
  static Keychain::Stored store(const std::string& host, const Credentials& credentials) {
    const auto stored = Keychain::open()->store(host, credentials);
    EXPECT_TRUE(stored) << stored.error().message();
    return stored ? *stored : Keychain::Stored{};
  }
  static bool erase(const std::string& host) {
    const auto erased = Keychain::open()->erase(host);
    EXPECT_TRUE(erased) << erased.error().message();
    return erased && *erased;
  }
  std::string text(const std::string& file = kConfig) {
    const auto bytes = sys::read_file_at(AT_FDCWD, home_ / file);
    EXPECT_TRUE(bytes) << bytes.error().message();
    return bytes ? *bytes : "";
  }
  // A helper of ours: a shell script; what it was given is in $HOME/input afterwards.
  void make_helper(const std::string& name, const std::string& script) {
    write("bin/docker-credential-" + name, "#!/bin/sh\ncat >\"$HOME/input\"\n" + script + "\n");
    EXPECT_EQ(::chmod((home_ / ("bin/docker-credential-" + name)).c_str(), 0755), 0);
  }
};

TEST(Base64, IsReadAndWritten) {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"\xff\xfe\xfd", "//79"},
                                    {"ada:s3cret", "YWRhOnMzY3JldA=="}}) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(from_base64("Zm8"), "fo");
  for (const char* text : {"Z", "Zm9v!", "Zg=x", "Zm9vY", "Z g=", "===="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(from_base64(to_base64(all)), all);
}

TEST_F(KeychainTest, WithoutFilesWeAreAnonymous) {
  EXPECT_EQ(found("docker.io/library/alpine"), "");
  ::unsetenv("HOME");
  EXPECT_EQ(found("docker.io/library/alpine"), "");
}

TEST_F(KeychainTest, DockersFileIsRead) {
  write(kConfig, R"({"auths":{"r.io":)" + auth("ada:a:b") + R"(,"https://index.docker.io/v1/":)" +
                     auth("hub:x") + R"(,"https://old.io/v2/":)" +
                     auth(std::string("old:y\0\0", 7)) + R"(,"t.io":{"auth":")" +
                     to_base64("ada:") + R"(","identitytoken":"T"},)" +
                     R"("plain.io":{"username":"u","password":"p"},"empty.io":{}}})");
  EXPECT_EQ(found("r.io/x/y"), "ada:a:b");
  EXPECT_EQ(found("r.io"), "ada:a:b");
  EXPECT_EQ(found("docker.io/library/alpine"), "hub:x");
  EXPECT_EQ(found("docker.io"), "hub:x");
  EXPECT_EQ(found("old.io/x"), "old:y");
  EXPECT_EQ(found("t.io/x"), "token T");
  EXPECT_EQ(found("plain.io/x"), "u:p");
  EXPECT_EQ(found("empty.io/x"), "");
  EXPECT_EQ(found("r.io:5000/x"), "");
  EXPECT_EQ(found("r.ioo/x"), "");
}

TEST_F(KeychainTest, TheMostExactKeyWins) {
  write(kConfig, R"({"auths":{"r.io":)" + auth("host:") + R"(,"r.io/ns/app":)" + auth("app:") +
                     R"(,"r.io/ns":)" + auth("ns:") + "}}");
  EXPECT_EQ(found("r.io/ns/app"), "app:");
  EXPECT_EQ(found("r.io/ns/app2"), "ns:");
  EXPECT_EQ(found("r.io/ns2/app"), "host:");
}

TEST_F(KeychainTest, FilesAreReadInTheirOrder) {
  const auto file = [](const std::string& user) {
    return R"({"auths":{"r.io":)" + auth(user) + "}}";
  };
  write(".config/containers/auth.json", file("config:"));
  EXPECT_EQ(found("r.io"), "config:");
  write("run/containers/auth.json", file("runtime:"));
  ::setenv("XDG_RUNTIME_DIR", (home_ / "run").c_str(), 1);
  EXPECT_EQ(found("r.io"), "runtime:");
  write(kConfig, file("docker:"));
  EXPECT_EQ(found("r.io"), "docker:");
  write("other/config.json", file("other:"));
  ::setenv("DOCKER_CONFIG", (home_ / "other").c_str(), 1);
  EXPECT_EQ(found("r.io"), "other:");
  write("a.json", file("variable:"));
  ::setenv("REGISTRY_AUTH_FILE", (home_ / "a.json").c_str(), 1);
  EXPECT_EQ(found("r.io"), "variable:");
  write("b.json", file("option:"));
  EXPECT_EQ(found("r.io", home_ / "b.json"), "option:");
}

TEST_F(KeychainTest, AChosenFileIsTheOnlyOneAndMustBeThere) {
  write(kConfig, R"({"auths":{"r.io":)" + auth("docker:") + "}}");
  write("b.json", "{}");
  EXPECT_EQ(found("r.io", home_ / "b.json"), "");
  EXPECT_NE(refusal("r.io", home_ / "c.json").find("c.json: No such file"), std::string::npos);
}

TEST_F(KeychainTest, ABrokenFileIsNamedAndItsSecretsAreNot) {
  for (const auto& [content, words] : std::vector<std::pair<std::string, std::string>>{
           {"{\n\"auths\": {\n}", ".docker/config.json:3: not valid JSON"},
           {"{\n\"auths\": s3cret}", ".docker/config.json:2: not valid JSON"},
           {"[]", "not a JSON object"},
           {R"({"auths":{"r.io":{"auth":"s3cret!"}}})", "entry of r.io: \"auth\" is not USER:"},
           {R"({"auths":{"r.io":{"auth":"czNjcmV0"}}})", "entry of r.io: \"auth\" is not USER:"},
           {R"({"auths":{"r.io":{"auth":7}}})", "entry of r.io: \"auth\" is not a string"},
           {R"({"auths":{"r.io":"s3cret"}})", "entry of r.io: it is not an object"},
           {R"({"auths":7})", "\"auths\" is not an object"},
           {R"({"credsStore":{}})", "\"credsStore\" is not a string"},
           {R"({"credHelpers":{"r.io":1}})", "the entry of r.io is not a string"},
           {std::string(100000, '['), "nested deeper than 64 levels"},
           {std::string((1 << 20) + 1, ' '), "EFBIG"},
       }) {
    write(kConfig, content);
    const std::string message = refusal("r.io");
    EXPECT_NE(message.find(home_ / kConfig), std::string::npos) << message;
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_EQ(message.find("s3cret"), std::string::npos) << message;
    // A login puts its own entry right, and touches nothing else that is broken.
    const bool is_entry = words.starts_with("entry of r.io");
    EXPECT_EQ(Keychain::open()->store("r.io", {"u", "p", {}}).has_value(), is_entry) << words;
    EXPECT_EQ(text() == content, !is_entry) << words;
  }
}

TEST_F(KeychainTest, AnEmptyFileHoldsNothing) {
  write(kConfig, " \n");
  EXPECT_EQ(found("r.io"), "");
  store("r.io", {"ada", "p", {}});
  EXPECT_EQ(found("r.io"), "ada:p");
}

TEST_F(KeychainTest, StoringMakesAFileForUsAlone) {
  const auto stored = store("r.io:5000", {"ada", "pass:\"w\xc3\xb6rd\"\n", {}});
  EXPECT_EQ(stored.file, home_ / kConfig);
  EXPECT_EQ(stored.helper, "");
  EXPECT_EQ(found("r.io:5000/x"), "ada:pass:\"w\xc3\xb6rd\"\n");
  struct stat status {};
  ASSERT_EQ(::stat((home_ / kConfig).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  ASSERT_EQ(::stat((home_ / ".docker").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_NE(::access((home_ / (kConfig + ".tmp")).c_str(), F_OK), 0);
}

TEST_F(KeychainTest, StoringKeepsWhatIsNotOurs) {
  write(kConfig,
        R"({"psFormat":"{{.ID}}","auths":{"a.io":)" + auth("a:") +
            R"(,"r.io":{"auth":"b2xkOm9sZA==","email":"x"}},"HttpHeaders":{"X":[1,null]}})");
  EXPECT_EQ(::chmod((home_ / kConfig).c_str(), 0644), 0);
  store("r.io", {"ada", "p", "T"});
  EXPECT_EQ(found("r.io"), "token T");
  EXPECT_EQ(found("a.io"), "a:");
  const std::string now = text();
  EXPECT_NE(now.find("\"psFormat\": \"{{.ID}}\""), std::string::npos);
  EXPECT_LT(now.find("psFormat"), now.find("auths"));
  EXPECT_LT(now.find("auths"), now.find("HttpHeaders"));
  EXPECT_EQ(now.find("b2xkOm9sZA"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat((home_ / kConfig).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(KeychainTest, DockersRegistryIsStoredAsDockerNamesIt) {
  write(kConfig, R"({"auths":{"docker.io":)" + auth("old:") + R"(,"index.docker.io":)" +
                     auth("older:") + "}}");
  store("docker.io", {"new", "p", {}});
  EXPECT_NE(text().find("\"https://index.docker.io/v1/\""), std::string::npos);
  EXPECT_EQ(found("docker.io/library/alpine"), "new:p");
  EXPECT_TRUE(erase("docker.io"));
  EXPECT_EQ(found("docker.io/library/alpine"), "");
  EXPECT_FALSE(erase("docker.io"));
}

TEST_F(KeychainTest, ErasingTellsWhetherThereWasAnything) {
  EXPECT_FALSE(erase("r.io"));
  EXPECT_NE(::access((home_ / ".docker").c_str(), F_OK), 0);
  store("r.io", {"ada", "p", {}});
  store("s.io", {"bob", "q", {}});
  EXPECT_TRUE(erase("r.io"));
  EXPECT_FALSE(erase("r.io"));
  EXPECT_EQ(found("r.io"), "");
  EXPECT_EQ(found("s.io"), "bob:q");
}

TEST_F(KeychainTest, ALinkStaysOne) {
  write("dotfiles/docker.json", "{}");
  home_.make_directory(".docker", 0700);
  home_.make_link("../dotfiles/docker.json", kConfig);
  store("r.io", {"ada", "p", {}});
  struct stat status {};
  ASSERT_EQ(::lstat((home_ / kConfig).c_str(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  EXPECT_NE(text("dotfiles/docker.json").find("r.io"), std::string::npos);
}

TEST_F(KeychainTest, ManyAtOnceAllAreStored) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] { store(fmt::format("r{}.io", i), {"u", std::to_string(i), {}}); });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(found(fmt::format("r{}.io", i)), fmt::format("u:{}", i));
}

TEST_F(KeychainTest, AHelperOfOneRegistryIsAsked) {
  write(kConfig, R"({"credHelpers":{"r.io":"mine"},"auths":{"r.io":)" + auth("file:") +
                     R"(,"s.io":)" + auth("s:") + "}}");
  make_helper("mine", R"(echo '{"ServerURL":"r.io","Username":"ada","Secret":"from:helper"}')");
  EXPECT_EQ(found("r.io/x"), "ada:from:helper");
  EXPECT_EQ(text("input"), "r.io");
  EXPECT_EQ(found("s.io/x"), "s:");
  make_helper("mine", R"(echo '{"Username":"<token>","Secret":"T"}')");
  EXPECT_EQ(found("r.io/x"), "token T");
  make_helper("mine", "echo credentials not found in native keychain; exit 1");
  EXPECT_EQ(found("r.io/x"), "");
}

TEST_F(KeychainTest, AHelperOfAllRegistriesIsAskedBeforeTheFile) {
  write(kConfig, R"({"credsStore":"mine","credHelpers":{"own.io":""},"auths":{"s.io":)" +
                     auth("s:") + R"(,"own.io":)" + auth("own:") + "}}");
  make_helper("mine",
              "case $(cat \"$HOME/input\") in\n"
              "s.io) echo credentials not found in native keychain; exit 1;; esac\n"
              R"(echo '{"Username":"ada","Secret":"x"}')");
  EXPECT_EQ(found("docker.io/library/alpine"), "ada:x");
  EXPECT_EQ(text("input"), "https://index.docker.io/v1/");
  EXPECT_EQ(found("s.io"), "s:");
  EXPECT_EQ(found("own.io"), "own:");
}

TEST_F(KeychainTest, AHelperThatFailsIsAnError) {
  write(kConfig, R"({"credsStore":"mine"})");
  EXPECT_NE(refusal("r.io").find("docker-credential-mine is not in PATH"), std::string::npos);
  make_helper("mine", "printf 'the safe\\033 is locked\\nmore\\n'; exit 3");
  const std::string locked = refusal("r.io");
  EXPECT_NE(locked.find("exited with code 3: the safe is locked"), std::string::npos) << locked;
  EXPECT_EQ(locked.find("more"), std::string::npos) << locked;
  for (const char* answer :
       {"s3cret", "{}", R"({"Username":"ada"})", R"({"Username":1,"Secret":""})", "[]", ""}) {
    make_helper("mine", fmt::format("echo '{}'", answer));
    const std::string message = refusal("r.io");
    EXPECT_NE(message.find("docker-credential-mine get: its answer"), std::string::npos) << message;
    EXPECT_EQ(message.find("s3cret"), std::string::npos) << message;
  }
  make_helper("mine", "head -c 100000 /dev/zero");
  EXPECT_NE(refusal("r.io").find("EFBIG"), std::string::npos);
}

TEST_F(KeychainTest, AHelperIsNoPath) {
  make_helper("evil", "touch $HOME/ran");
  for (const std::string name : {"../bin/docker-credential-evil", "x/y", "/bin/sh"}) {
    write(kConfig, R"({"credHelpers":{"r.io":")" + name + "\"}}");
    EXPECT_NE(refusal("r.io").find("is not the name of a credential helper"), std::string::npos);
  }
  EXPECT_FALSE(CredentialHelper::named(std::string("a\0b", 3)));
  EXPECT_FALSE(CredentialHelper::named(""));
}

TEST_F(KeychainTest, AHelperThatNeverAnswersIsNotWaitedForForEver) {
  make_helper("slow", "exec sleep 1000");
  const auto helper = CredentialHelper::named("slow", std::chrono::milliseconds(50));
  const auto answer = helper->get("r.io");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ETIMEDOUT);
}

TEST_F(KeychainTest, WhatAHelperLeavesBehindIsNotWaitedFor) {
  make_helper("daemon", R"(sleep 1000 & echo $! >$HOME/pid; echo '{"Username":"a","Secret":"b"}')");
  write(kConfig, R"({"credsStore":"daemon"})");
  EXPECT_EQ(found("r.io"), "a:b");
  ::kill(std::stoi(text("pid")), SIGKILL);
}

TEST_F(KeychainTest, AHelperStoresAndErases) {
  write(kConfig, R"({"credHelpers":{"r.io":"mine"},"auths":{"r.io":)" + auth("old:") + "}}");
  make_helper("mine",
              "case $1 in\nstore) cp \"$HOME/input\" \"$HOME/safe\";;\n"
              "get) [ -e \"$HOME/safe\" ] || { echo credentials not found in native "
              "keychain; exit 1; }; cat \"$HOME/safe\";;\n"
              "erase) rm \"$HOME/safe\";; esac");
  const auto stored = store("r.io", {"ada", "s3\"cret", {}});
  EXPECT_EQ(stored.helper, "mine");
  EXPECT_EQ(text("input"), R"({"ServerURL":"r.io","Username":"ada","Secret":"s3\"cret"})");
  EXPECT_EQ(found("r.io/x"), "ada:s3\"cret");
  EXPECT_EQ(text().find("\"auth\""), std::string::npos);
  EXPECT_TRUE(erase("r.io"));
  EXPECT_EQ(text("input"), "r.io");
  EXPECT_NE(::access((home_ / "safe").c_str(), F_OK), 0);
  EXPECT_FALSE(erase("r.io"));
  store("r.io", {"ada", "p", "T"});
  EXPECT_EQ(text("input"), R"({"ServerURL":"r.io","Username":"<token>","Secret":"T"})");
}

TEST_F(KeychainTest, AHelperThatCannotStoreLeavesTheFileAsItWas) {
  write(kConfig, R"({"credsStore":"mine","auths":{"r.io":)" + auth("old:") + "}}");
  make_helper("mine", "echo no; exit 1");
  const std::string before = text();
  const auto stored = Keychain::open()->store("r.io", {"ada", "s3cret", {}});
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().message().find("s3cret"), std::string::npos);
  EXPECT_EQ(text(), before);
}

}  // namespace
}  // namespace mycontainer::rootfs::registry

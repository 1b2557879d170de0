#include "runtime/hooks/hooks.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "reexec/sys/log.h"
#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::hooks {
namespace {

oci::Hook shell(const std::string& script, std::optional<int> timeout = std::nullopt) {
  return {"/bin/sh", {"sh", "-c", script}, {}, timeout};
}

std::string failure_of(std::vector<oci::Hook> hooks, const std::string& state = "{}") {
  const auto done = run_hooks("createRuntime", hooks, state);
  return done ? "" : done.error().message();
}

class Hooks : public testing::Test {
 protected:
  [[nodiscard]] std::string written(const std::string& name = "out") const {
    return sys::read_file_at(AT_FDCWD, directory_ / name).value_or("(missing)");
  }
  [[nodiscard]] std::string to(const std::string& name = "out") const {
    return " >> " + directory_ / name;
  }
  test::TemporaryDirectory directory_;
};

TEST_F(Hooks, RunInOrderWithTheStateOnStandardInput) {
  EXPECT_EQ(failure_of({shell("echo one; (echo one; cat)" + to()), shell("(echo two; cat)" + to())},
                       R"({"id":"x"})"
                       "\n"),
            "");
  EXPECT_EQ(written(), "one\n{\"id\":\"x\"}\ntwo\n{\"id\":\"x\"}\n");
}

TEST_F(Hooks, GetTheirArgumentsAndNothingButTheirEnvironment) {
  ::setenv("MYCONTAINER_HOST_VARIABLE", "leaks", 1);
  oci::Hook hook = shell("");
  hook.args = {"other-name", "-c", "(echo $0; cat /proc/$$/environ)" + to(), "a b"};
  EXPECT_EQ(failure_of({hook}), "");
  EXPECT_EQ(written(), "a b\n");
  hook.env = {"A=1=2", "B="};
  EXPECT_EQ(failure_of({hook}), "");
  EXPECT_EQ(written(), std::string("a b\na b\nA=1=2\0B=\0", 17));
}

TEST_F(Hooks, AreCalledByTheirPathWithoutArguments) {
  directory_.make_file("script", "#!/bin/sh\necho \"$0 $#\"" + to() + "\n");
  ASSERT_EQ(::chmod((directory_ / "script").c_str(), 0755), 0);
  EXPECT_EQ(failure_of({{directory_ / "script", {}, {}, {}}}), "");
  EXPECT_EQ(written(), directory_ / "script" + " 0\n");
}

TEST_F(Hooks, StopAtTheFirstFailureAndNameIt) {
  EXPECT_EQ(failure_of({shell("true"), shell("echo first >&2; echo 'why not\n' >&2; exit 3"),
                        shell("echo ran" + to())}),
            "hooks.createRuntime[1] /bin/sh: exited with code 3: why not");
  EXPECT_EQ(written(), "(missing)");
}

TEST_F(Hooks, FailByASignalAndByAMissingProgram) {
  EXPECT_EQ(failure_of({shell("kill -KILL $$")}),
            "hooks.createRuntime[0] /bin/sh: was killed by signal 9 (KILL)");
  const std::string missing = failure_of({{"/nonexistent/hook", {}, {}, {}}});
  EXPECT_TRUE(missing.starts_with("hooks.createRuntime[0] /nonexistent/hook: ")) << missing;
  EXPECT_TRUE(missing.ends_with("(ENOENT)")) << missing;
}

TEST_F(Hooks, AreKilledWithTheirWholeGroupWhenTheTimeIsOver) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of({shell("sleep 30 & echo $!" + to() + "; wait", 1)}),
            "hooks.createRuntime[0] /bin/sh: was killed because it ran longer than 1 s");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  const pid_t background = std::stoi(written());
  for (int i = 0; i < 100 && ::kill(background, 0) == 0; ++i) {
    const std::string stat =
        sys::read_file_at(AT_FDCWD, "/proc/" + std::to_string(background) + "/stat").value_or("");
    if (stat.find(") Z ") != stat.npos) return;  // killed; the reaper of orphans is slow or absent
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_NE(::kill(background, 0), 0);
}

TEST_F(Hooks, TimeOutAlsoWhenTheyWriteWithoutEnd) {
  EXPECT_EQ(failure_of({shell("exec yes", 1)}),
            "hooks.createRuntime[0] /bin/sh: was killed because it ran longer than 1 s");
}

TEST_F(Hooks, MayIgnoreAStateLargerThanAPipe) {
  const std::string state(1u << 20, 'x');
  EXPECT_EQ(failure_of({shell("true"), shell("exec <&-; true"), shell("wc -c" + to())}, state), "");
  EXPECT_EQ(written(), "1048576\n");
}

TEST_F(Hooks, MayWriteMoreThanAPipeHoldsAndTheEndIsReported) {
  EXPECT_EQ(failure_of({shell("yes | head -c 1000000; yes | head -c 1000000 >&2; exit 0")}), "");
  EXPECT_EQ(failure_of({shell("yes | head -c 1000000 >&2; echo end >&2; exit 1")}),
            "hooks.createRuntime[0] /bin/sh: exited with code 1: end");
}

TEST_F(Hooks, AreNotWaitedForBeyondTheirOwnEnd) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of({shell("sleep 3 & exit 0")}), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(Hooks, HaveThreeDescriptorsAndAGroupOfTheirOwn) {
  const UniqueFd inheritable(::dup(0));
  EXPECT_EQ(failure_of({shell("(ls /proc/$$/fd | tr '\\n' ' '; cut -d' ' -f5 /proc/$$/stat; "
                              "echo $$)" +
                              to())}),
            "");
  const std::string text = written();
  const std::size_t space = text.find_last_of(' ');
  EXPECT_EQ(text.substr(0, space), "0 1 2");
  const std::string group = text.substr(space + 1, text.find('\n') - space - 1);
  EXPECT_EQ(text.substr(space + 1), group + "\n" + group + "\n");
}

TEST_F(Hooks, ReportNoControlCharacters) {
  EXPECT_EQ(failure_of({shell("printf 'a\\033[31mb\\n' >&2; exit 1")}),
            "hooks.createRuntime[0] /bin/sh: exited with code 1: a [31mb");
}

TEST_F(Hooks, NeedNothingOfTheHostInsideAContainer) {
  SKIP_UNLESS_ROOT();
  directory_.make_file("sh", sys::read_file_at(AT_FDCWD, "/bin/busybox").value_or(""));
  ASSERT_EQ(::chmod((directory_ / "sh").c_str(), 0755), 0);
  test::in_namespaces(CLONE_NEWNS, [&] {
    ASSERT_EQ(::chroot(directory_.path().c_str()), 0);
    ASSERT_EQ(::chdir("/"), 0);
    const std::vector<oci::Hook> hooks = {
        {"/sh", {"sh", "-c", "read line; echo $line >/out; echo said >&2; exit 7"}, {}, 5}};
    const auto done = run_hooks("startContainer", hooks, "{}\n");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message(), "hooks.startContainer[0] /sh: exited with code 7: said");
  });
  EXPECT_EQ(written(), "{}\n");
}

std::vector<std::string>& warnings() {
  static std::vector<std::string> all;
  return all;
}

TEST_F(Hooks, OfTheLastStagesOnlyWarn) {
  sys::set_log(LogLevel::kWarn,
               [](LogLevel, std::string_view text) noexcept { warnings().emplace_back(text); });
  const std::vector<oci::Hook> hooks = {shell("exit 4"), shell("echo ran" + to())};
  run_all_hooks("poststop", hooks, "{}");
  sys::set_log(LogLevel::kOff, nullptr);
  EXPECT_EQ(warnings(), std::vector<std::string>{"hooks.poststop[0] /bin/sh: exited with code 4"});
  EXPECT_EQ(written(), "ran\n");
}

}  // namespace
}  // namespace mycontainer::runtime::hooks

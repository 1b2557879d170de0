#include "runtime/init/exec_diagnosis.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::init {
namespace {

// The errno that the kernel answers an execve of `path` with, or 0 when it ran.
int exec_errno(const std::string& path) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return -1;
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    char* const args[] = {const_cast<char*>(path.c_str()), nullptr};
    ::execve(path.c_str(), args, environ);
    const int code = errno;
    ::_exit(::write(ends[1], &code, sizeof code) == sizeof code ? 1 : 2);
  }
  write_end.reset();
  int code = 0;
  if (::read(read_end.get(), &code, sizeof code) != sizeof code) code = 0;
  ::waitpid(child, nullptr, 0);
  return code;
}

class ExecDiagnosis : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    ASSERT_EQ(::chmod(directory_.data(), 0755), 0);
  }
  void TearDown() override { EXPECT_TRUE(sys::remove_tree_at(AT_FDCWD, directory_)); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string make(const std::string& name, std::string_view bytes, mode_t mode = 0755) {
    const auto written =
        sys::write_file_at(AT_FDCWD, path(name), bytes, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT_TRUE(written);
    EXPECT_EQ(::chmod(path(name).c_str(), mode), 0);
    return path(name);
  }
  // Tries to execute the file and explains the kernel's answer.
  static Error diagnose(const std::string& file) { return diagnose_exec(file, exec_errno(file)); }

  std::string directory_ = "/tmp/exec-diagnosis-XXXXXX";
};

// A 64-bit program with one segment that names `loader`, or none when it is empty.
std::string elf(Elf64_Half machine, const std::string& loader = {}) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = machine;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = loader.empty() ? PT_LOAD : PT_INTERP;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = loader.size() + 1;
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(&segment), sizeof segment);
  return bytes + loader + '\0';
}

#if defined(__aarch64__)
constexpr Elf64_Half kOurs = EM_AARCH64, kForeign = EM_X86_64;
#else
constexpr Elf64_Half kOurs = EM_X86_64, kForeign = EM_AARCH64;
#endif

TEST_F(ExecDiagnosis, SaysThatAMissingFileIsMissing) {
  const Error error = diagnose(path("nowhere"));
  EXPECT_EQ(error.message(), "exec " + path("nowhere") + ": No such file or directory (ENOENT)");
  EXPECT_EQ(error.hint, "the file does not exist in the container");
  EXPECT_EQ(error.exit_status, 127);
}

TEST_F(ExecDiagnosis, NamesTheTargetOfADanglingLink) {
  ASSERT_EQ(::symlink("/no/where", path("link").c_str()), 0);
  EXPECT_EQ(diagnose(path("link")).hint,
            "the file is a symbolic link to \"/no/where\", which does not exist in the container");
}

TEST_F(ExecDiagnosis, RecognizesADirectoryAndAPathThroughAFile) {
  EXPECT_EQ(diagnose(directory_).hint, "the file is a directory");
  EXPECT_EQ(diagnose(directory_).exit_status, 126);
  const Error error = diagnose(make("file", "x") + "/below");
  EXPECT_EQ(error.hint, "the file cannot exist: a part of its path is not a directory");
  EXPECT_EQ(error.exit_status, 126);
}

TEST_F(ExecDiagnosis, TellsOfAMissingExecutePermission) {
  const Error error = diagnose(make("plain", "#!/bin/sh\n", 0644));
  EXPECT_EQ(error.message(), "exec " + path("plain") + ": Permission denied (EACCES)");
  EXPECT_EQ(error.hint, "the file has no execute permission: run chmod +x on it");
  EXPECT_EQ(error.exit_status, 126);
}

TEST_F(ExecDiagnosis, TellsWhoMayNotExecuteTheFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "changing the user needs root";
  const std::string file = make("private", "#!/bin/sh\n", 0744);
  ASSERT_EQ(::seteuid(1000), 0);
  const std::string hint = diagnose_exec(file, EACCES).hint;
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(hint, "the file may not be executed by user 1000: its mode is 0744 and its owner 0");
}

TEST_F(ExecDiagnosis, TellsOfADirectoryThatMayNotBeEntered) {
  if (::geteuid() != 0) GTEST_SKIP() << "changing the user needs root";
  const std::string file = make("private", "#!/bin/sh\n");
  ASSERT_EQ(::chmod(directory_.c_str(), 0700), 0);
  ASSERT_EQ(::seteuid(1000), 0);
  const std::string hint = diagnose_exec(file, EACCES).hint;
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(hint, "the file cannot be reached: user 1000 may not enter one of its directories");
}

// In a process with a mount namespace of its own: a noexec tmpfs over the test's directory.
TEST_F(ExecDiagnosis, TellsOfAFilesystemMountedNoexec) {
  constexpr int kCannotMount = 3;
  const pid_t child = ::fork();
  if (child == 0) {
    const int flags = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (::unshare(flags) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", directory_.c_str(), "tmpfs", MS_NOEXEC, nullptr) != 0)
      ::_exit(kCannotMount);
    const Error error = diagnose(make("tool", "#!/bin/sh\n"));
    ::_exit(error.hint == "the file lies on a filesystem that is mounted noexec" &&
                    error.exit_status == 126
                ? 0
                : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kCannotMount) GTEST_SKIP() << "making a mount namespace is forbidden";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(ExecDiagnosis, SeesWindowsLineEndingsInAScript) {
  const Error error = diagnose(make("start.sh", "#!/bin/bash\r\necho hi\r\n"));
  EXPECT_EQ(error.message(), "exec " + path("start.sh") + ": No such file or directory (ENOENT)");
  EXPECT_EQ(error.hint,
            "the script exists, but its interpreter \"/bin/bash^M\" does not: the file has Windows "
            "line endings");
  EXPECT_EQ(error.exit_status, 127);
}

TEST_F(ExecDiagnosis, NamesAScriptsMissingInterpreter) {
  EXPECT_EQ(diagnose(make("start", "#! /no/such/python3 -u\n")).hint,
            "the script exists, but its interpreter \"/no/such/python3\" does not: install it in "
            "the image, or correct the first line");
}

TEST_F(ExecDiagnosis, FollowsAnInterpreterThatIsItselfAScript) {
  const std::string inner = make("inner", "#!/no/such/shell\n");
  EXPECT_EQ(diagnose(make("outer", "#!" + inner + "\n")).hint,
            "its interpreter \"" + inner +
                "\" exists, but its interpreter \"/no/such/shell\" does not: install it in the "
                "image, or correct the first line");
}

TEST_F(ExecDiagnosis, TellsOfAnInterpreterWithoutExecutePermission) {
  const std::string inner = make("inner", "#!/bin/sh\n", 0644);
  EXPECT_EQ(diagnose(make("outer", "#!" + inner + "\n")).hint,
            "the script exists, but its interpreter \"" + inner +
                "\" has no execute permission: run chmod +x on it");
}

TEST_F(ExecDiagnosis, EndsWhenAScriptIsItsOwnInterpreter) {
  const std::string self = path("self");
  make("self", "#!" + self + "\n");
  EXPECT_EQ(diagnose(self).hint,
            "the script's interpreter is a script, whose interpreter is a script, and so on: too "
            "deep");
}

TEST_F(ExecDiagnosis, NamesTheMissingLoaderOfAProgram) {
  EXPECT_EQ(diagnose(make("program", elf(kOurs, "/lib/ld-musl-none.so.1"))).hint,
            "the program exists, but its loader \"/lib/ld-musl-none.so.1\" does not: it was linked "
            "for another C library; use a static build, or an image with it");
}

TEST_F(ExecDiagnosis, NamesTheArchitectureOfAForeignProgram) {
  const Error error = diagnose(make("program", elf(kForeign)));
  EXPECT_EQ(error.code, ENOEXEC);
  EXPECT_EQ(error.exit_status, 126);
#if defined(__x86_64__)
  EXPECT_EQ(error.hint,
            "the file is a program for arm64, and this machine is amd64: use a linux/amd64 image, "
            "or install qemu-user-static on the host");
#endif
}

TEST_F(ExecDiagnosis, RecognizesDamagedProgramsAtEveryLength) {
  const std::string whole = elf(kOurs, "/lib/ld.so");
  for (std::size_t length = SELFMAG; length < whole.size() - 1; ++length)
    EXPECT_EQ(diagnose_exec(make("cut", whole.substr(0, length)), ENOEXEC).hint,
              "the file is a damaged ELF file")
        << length;
}

TEST_F(ExecDiagnosis, ExplainsFilesThatAreNoProgramAtAll) {
  EXPECT_EQ(diagnose(make("empty", "")).hint, "the file is empty");
  EXPECT_EQ(diagnose(make("text", "echo hi\n")).hint,
            "the file is text without a \"#!\" line: begin a shell script with \"#!/bin/sh\"");
  EXPECT_EQ(diagnose(make("data", std::string_view("\1\0\2", 3))).hint,
            "the file is not in a format that this kernel runs");
  EXPECT_EQ(diagnose(make("mark", "\xEF\xBB\xBF#!/bin/sh\n")).hint,
            "the file begins with a byte order mark, which hides its \"#!\" line: save it without");
  EXPECT_EQ(diagnose(make("bare", "#!  \nx")).hint, "the file names no interpreter after \"#!\"");
}

TEST_F(ExecDiagnosis, NeverOpensAFifo) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0755), 0);
  EXPECT_EQ(diagnose(path("fifo")).hint, "the file is not a regular file");
}

TEST_F(ExecDiagnosis, KeepsControlCharactersOutOfTheMessage) {
  const Error error = diagnose(path("a\x1b[31m\n\xc3"));
  EXPECT_EQ(error.operation, "exec " + path("a^[[31m^J\\xc3"));
}

TEST_F(ExecDiagnosis, FindsAProgramInTheDirectoriesOfPathInOrder) {
  make("tool", "#!/bin/sh\n");
  ASSERT_EQ(::mkdir(path("first").c_str(), 0755), 0);
  const std::string first = make("first/tool", "#!/bin/sh\n");
  EXPECT_EQ(resolve_in_path("tool", "/nowhere:" + path("first") + ":" + directory_).value(), first);
  EXPECT_EQ(resolve_in_path("first", "/nowhere:" + directory_).error().exit_status, 127);
  EXPECT_EQ(resolve_in_path(path("tool"), "").value(), path("tool"));
}

TEST_F(ExecDiagnosis, TakesAnEmptyElementOfPathForTheWorkingDirectory) {
  make("tool", "#!/bin/sh\n");
  std::array<char, 4096> before{};
  ASSERT_NE(::getcwd(before.data(), before.size()), nullptr);
  ASSERT_EQ(::chdir(directory_.c_str()), 0);
  EXPECT_EQ(resolve_in_path("tool", "/nowhere:").value(), "./tool");
  ASSERT_EQ(::chdir(before.data()), 0);
}

TEST_F(ExecDiagnosis, SaysInDockersWordsThatNothingWasFound) {
  for (const char* name : {"no-such-program", ""}) {
    const Error error = resolve_in_path(name, "/bin:/usr/bin").error();
    EXPECT_EQ(error.message(),
              std::string("exec: \"") + name + "\": executable file not found in $PATH");
    EXPECT_EQ(error.exit_status, 127);
  }
}

TEST_F(ExecDiagnosis, JudgesAProgramBeforeItIsExecuted) {
  EXPECT_TRUE(check_program(make("good", "#!/bin/sh\n")));
  const Error missing = check_program(path("missing")).error();
  EXPECT_EQ(missing.code, ENOENT);
  EXPECT_EQ(missing.exit_status, 127);
  for (const std::string& wrong : {make("plain", "x", 0644), directory_}) {
    const auto judged = check_program(wrong);
    ASSERT_FALSE(judged) << wrong;
    EXPECT_EQ(judged.error().code, EACCES) << wrong;
    EXPECT_EQ(judged.error().exit_status, 126) << wrong;
  }
}

TEST_F(ExecDiagnosis, RefusesWhatItFoundButMayNotExecute) {
  const std::string file = make("tool", "#!/bin/sh\n", 0644);
  const Error error = resolve_in_path("tool", directory_ + ":/nowhere").error();
  EXPECT_EQ(error.message(), "exec: \"tool\": Permission denied (EACCES)");
  EXPECT_EQ(error.hint, file + " has no execute permission: run chmod +x on it");
  EXPECT_EQ(error.exit_status, 126);
}

// A client learns of it from the creation: after that, podman and Docker read no reason.
TEST_F(ExecDiagnosis, RefusesAPathThatLeadsToNoProgram) {
  Error error = resolve_in_path(path("nothing"), "").error();
  EXPECT_EQ(error.message(), "exec " + path("nothing") + ": No such file or directory (ENOENT)");
  EXPECT_EQ(error.exit_status, 127);
  error = resolve_in_path(make("tool", "#!/bin/sh\n", 0644), "").error();
  EXPECT_EQ(error.code, EACCES);
  EXPECT_EQ(error.exit_status, 126);
  EXPECT_EQ(resolve_in_path(directory_, "").error().hint, "the file is a directory");
  EXPECT_TRUE(resolve_in_path("/proc/self/fd/9", ""));
}

}  // namespace
}  // namespace mycontainer::runtime::init

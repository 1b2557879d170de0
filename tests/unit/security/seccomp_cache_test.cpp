#include "runtime/security/seccomp_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/security/seccomp_compile.h"
#include "runtime/security/seccomp_default.h"

namespace mycontainer::runtime::security {
namespace {

class SeccompCache : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/mycontainer-seccomp-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    root_ = path;
    directory_ = root_ + "/seccomp";
    program_ = compile_seccomp(seccomp_).value();
  }
  void TearDown() override { EXPECT_TRUE(sys::remove_tree_at(AT_FDCWD, root_)); }

  std::string get() {
    const auto program = compiled_seccomp(seccomp_, directory_);
    EXPECT_TRUE(program) << program.error().message();
    return *program;
  }

  std::vector<std::string> files() {
    std::vector<std::string> names;
    DIR* directory = ::opendir(directory_.c_str());
    while (const dirent* entry = directory ? ::readdir(directory) : nullptr) {
      if (entry->d_name[0] != '.') names.push_back(directory_ + "/" + entry->d_name);
    }
    if (directory) ::closedir(directory);
    return names;
  }

  static ino_t inode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_ino;
  }

  oci::Seccomp seccomp_ = default_seccomp({kDefaultCapabilities, "amd64", {6, 1}});
  std::string root_, directory_, program_;
};

TEST_F(SeccompCache, MakesAFileOnceAndReadsItAfterwards) {
  EXPECT_EQ(get(), program_);
  ASSERT_EQ(files().size(), 1u);
  const ino_t first = inode(files()[0]);
  EXPECT_EQ(get(), program_);
  EXPECT_EQ(inode(files()[0]), first);
  struct stat status {};
  ASSERT_EQ(::stat(directory_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
}

TEST_F(SeccompCache, KeepsProfilesApart) {
  get();
  seccomp_.syscalls.back().names.push_back("keyctl");
  EXPECT_EQ(get(), compile_seccomp(seccomp_).value());
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(SeccompCache, ComparesTheWholeProfileNotItsHash) {
  get();
  const std::string original = files().at(0);
  seccomp_.syscalls.clear();
  const std::string other_program = get();
  ASSERT_NE(other_program, program_);
  // The other profile's file takes the name of the first: a collision.
  for (const std::string& file : files()) {
    if (file == original) continue;
    ASSERT_EQ(::rename(file.c_str(), original.c_str()), 0);
  }
  seccomp_ = default_seccomp({kDefaultCapabilities, "amd64", {6, 1}});
  EXPECT_EQ(get(), program_);
}

TEST_F(SeccompCache, MakesDamagedFilesAnew) {
  get();
  const std::string path = files().at(0);
  const std::string whole = sys::read_file_at(AT_FDCWD, path).value();
  for (const std::size_t at : {std::size_t{0}, std::size_t{9}, std::size_t{24}, std::size_t{40},
                               whole.size() / 2, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, path, damaged, O_WRONLY | O_TRUNC));
    EXPECT_EQ(get(), program_) << at;
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, path).value(), whole) << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() - 8}) {
    ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(size)), 0);
    EXPECT_EQ(get(), program_) << size;
    EXPECT_EQ(sys::read_file_at(AT_FDCWD, path).value(), whole) << size;
  }
}

TEST_F(SeccompCache, TrustsNoFileThatOthersCanWrite) {
  get();
  const std::string path = files().at(0);
  const ino_t before = inode(path);
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_EQ(get(), program_);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_NE(status.st_ino, before);
}

TEST_F(SeccompCache, IsNotStoppedByALinkOrAFifo) {
  get();
  const std::string path = files().at(0);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  ASSERT_EQ(::symlink("/etc/passwd", path.c_str()), 0);
  EXPECT_EQ(get(), program_);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(get(), program_);
}

TEST_F(SeccompCache, WorksWithoutAUsableDirectory) {
  directory_ = root_ + "/missing/seccomp";
  EXPECT_EQ(get(), program_);
  directory_ = "/proc/seccomp";
  EXPECT_EQ(get(), program_);
  directory_ = "/dev/null";
  EXPECT_EQ(get(), program_);
}

TEST_F(SeccompCache, PassesTheCompilersErrorsOn) {
  seccomp_.default_action = "NOPE";
  const auto program = compiled_seccomp(seccomp_, directory_);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().message(), "seccomp: default action: unknown action NOPE");
  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace mycontainer::runtime::security
